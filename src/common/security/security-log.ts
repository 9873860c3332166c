import { Injectable, Logger } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';

/** A security event, named by OWASP's logging vocabulary. Neither passwords nor e-mails: accounts by id or pseudonym. */
export interface SecurityEvent {
  event: string;
  [member: string]: unknown;
}

const logger = new Logger('Security');

/** Logs a sign of an attack at once: for what stands before the modules, such as filters and hooks. */
export const logSecurityWarning = (event: SecurityEvent): void => {
  logger.warn(event);
};

/** Where every security event is logged (ASVS 16.3). */
@Injectable()
export class SecurityLog {
  constructor(private readonly transactions: Transactions) {}

  /** Logs what was done, once the open transaction has committed; nothing after a rollback. */
  report(event: SecurityEvent): void {
    this.transactions.afterCommit(() => {
      logger.log(event);
    });
  }

  /** Logs a sign of an attack at once, even if the transaction is rolled back. */
  warn(event: SecurityEvent): void {
    logSecurityWarning(event);
  }
}
