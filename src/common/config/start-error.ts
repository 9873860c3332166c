/** The start is refused for a reason that the person at the terminal can fix: printed as it is, without a stack. */
export class StartError extends Error {}
