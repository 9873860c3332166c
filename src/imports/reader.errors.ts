/** A file that cannot be read as what it is. The message says to its user why, and what to do. */
export class UnreadableFileError extends Error {}
