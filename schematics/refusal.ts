/** What was asked for can't be written: the message says why, and what to ask for instead. Nothing was. */
export class Refusal extends Error {}
