/** The part of Socket.IO's client that the page uses, for the type checker. */
export function io(url: string, options: object): any;
