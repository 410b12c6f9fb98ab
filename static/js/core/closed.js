/** Types of object literals without room for other fields: to the type checker, those of JavaScript are open. */

/**
 * @template T
 * @typedef {{[Name in keyof T]: T[Name]}} Closed
 */

export {};
