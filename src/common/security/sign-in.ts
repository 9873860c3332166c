import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/**
 * The name of the passport strategy that finds out who calls. It differs from application to application: passport has one
 * registry a process, and of two strategies of one name the later would answer for both.
 */
@Injectable()
export class SignInStrategy {
  readonly name = `jwt-${randomUUID()}`;
}
