/** The system the browser runs on. */

/** Tell if it is Apple's, where Cmd takes the place of Ctrl. */
export const isApple = () => /^(?:Mac|iP(?:hone|ad|od))/.test(globalThis.navigator?.platform ?? "");
