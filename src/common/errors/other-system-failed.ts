/**
 * Another system (a mail server, a payment provider) did not do what it was asked, or did not answer. Its time-outs and broken
 * connections look like those of the database, and are none: what calls such a system again counts its attempts.
 */
export class OtherSystemFailed extends Error {}
