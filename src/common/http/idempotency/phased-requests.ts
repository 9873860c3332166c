import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import { OtherSystemFailed } from '../../errors/other-system-failed.js';
import { defineJob } from '../../jobs/define-job.js';
import { JobsService } from '../../jobs/jobs.service.js';
import { messageOf } from '../../logging/error-serializer.js';
import { Clock } from '../../time/clock.js';
import { IdempotencyKeys, type KeyedRequest } from './idempotency-keys.js';
import { IdempotencyKeysRepository, type KeyName } from './idempotency-keys.repository.js';

/**
 * What a request does that calls another system, in phases between which the process may end: a unit of work that prepares
 * the call, the call, and a unit of work that records what it brought. Each phase is given what the one before left, as JSON has it.
 */
export interface Flow<Input, Prepared, Result> {
  /** Unique; rows have it, so it does not change once released: `payments.capture`. */
  readonly name: string;
  /** Checks, and writes what there is before the call, in one unit of work. An error of it undoes all, the key included. */
  prepare(input: Input): Promise<Prepared>;
  /**
   * Calls the other system, outside of any unit of work. It may be called again with the same, by this process or another one,
   * also when the first call arrived: give the other system an id from what was prepared that makes the second one a repetition.
   * It throws when the outcome is unknown; a refusal is a result, which is never undefined.
   */
  call(prepared: Prepared): Promise<Result>;
  /** What the call brought, where that is known by now without another one, such as from a webhook; undefined otherwise. */
  known?(prepared: Prepared): Promise<Result | undefined>;
  /** Writes what the call brought, in one unit of work, once. @returns the body of the answer. */
  record(prepared: Prepared, result: Result): Promise<unknown>;
  /** The body for a client that asks before the outcome is recorded: the same resource, as it is now. */
  show(prepared: Prepared): Promise<unknown>;
}

/** A request whose route is phased, while it is answered. */
export interface PhasedRequest extends KeyedRequest {
  /** What was answered, once that is known. */
  answer?: { isFinished: boolean; replayed: boolean };
}

/** After how many seconds without an outcome a job goes on with a request: its process may have ended. */
const RECOVERY_DELAY = 60;

/** Goes on with a request whose process ended between two phases, or whose call had no known outcome. */
const RecoverRequest = defineJob<KeyName>('requests.recover', {
  attempts: 20,
  firstPause: 5,
  maxPause: 3600,
  // a system that hangs holds up only some of those that wait for another one
  concurrency: 10,
  timeout: 60,
});

const current = new AsyncLocalStorage<PhasedRequest>();

/** Does `work` for a request whose route is `@Idempotent({ phased: true })`. */
export const runInPhases = <T>(request: PhasedRequest, work: () => T): T => current.run(request, work);

/** Requests that call another system, each with one effect however often it is sent, and whenever the process ends. */
@Injectable()
export class PhasedRequests implements OnModuleInit {
  private readonly logger = new Logger(PhasedRequests.name);
  private readonly flows = new Map<string, Flow<never, unknown, unknown>>();

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly repository: IdempotencyKeysRepository,
    private readonly transactions: Transactions,
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(RecoverRequest, (name) => this.recover(name));
  }

  /** Makes a flow known, so that what was begun is finished after a restart; call it before the application listens. */
  register<Input, Prepared, Result>(flow: Flow<Input, Prepared, Result>): void {
    if (this.flows.has(flow.name)) throw new Error(`the flow ${flow.name} is registered twice`);
    this.flows.set(flow.name, flow);
  }

  /**
   * Does what the present request asks, or answers it as the first time. Before the outcome is known, the answer is
   * what {@link Flow.show} returns, with 202.
   * @returns the body.
   * @throws AppError 409 while the first request with the key is prepared, 422 when the key was another request's; and what `prepare` throws.
   */
  async run<Input, Prepared, Result>(flow: Flow<Input, Prepared, Result>, input: Input): Promise<unknown> {
    const request = current.getStore();
    if (!request) throw new Error('the route needs @Idempotent({ phased: true })');
    if (!this.flows.has(flow.name)) throw new Error(`the flow ${flow.name} is not registered`);
    const { prepared, ...known } = await this.begin(flow, request, input);
    if ('body' in known) {
      request.answer = { isFinished: true, replayed: true };
      return known.body;
    }
    request.answer = { isFinished: false, replayed: known.replayed };
    const result = known.replayed ? await flow.known?.(prepared) : await this.call(flow, prepared);
    if (result === undefined) return flow.show(prepared);
    const body = await this.record(flow, request, prepared, result);
    request.answer.isFinished = true;
    return body;
  }

  /** The first phase; or what is known of the request since the first time. */
  private async begin<Input, Prepared, Result>(
    flow: Flow<Input, Prepared, Result>,
    request: KeyedRequest,
    input: Input,
  ): Promise<{ prepared: Prepared; replayed: boolean } | { prepared: Prepared; replayed: boolean; body: unknown }> {
    return this.transactions.run(async () => {
      const known = await this.keys.open(request);
      if (known) {
        // of this flow: the route and the fingerprint are the same
        const prepared = known.prepared as Prepared;
        return known.isFinished ? { prepared, replayed: true, body: known.body } : { prepared, replayed: true };
      }
      const json = JSON.stringify(await flow.prepare(input));
      this.repository.insertPrepared(request, { flow: flow.name, prepared: json, createdAt: this.clock.now() });
      const { userId, route, key } = request;
      await this.jobs.enqueue(RecoverRequest, { userId, route, key }, { runAt: this.clock.in(RECOVERY_DELAY) });
      return { prepared: JSON.parse(json) as Prepared, replayed: false };
    });
  }

  /** The last phase, once: of two that come with a result, the second finds what the first recorded. */
  private async record<Prepared, Result>(
    flow: Flow<never, Prepared, Result>,
    name: KeyName,
    prepared: Prepared,
    result: Result,
  ): Promise<unknown> {
    return this.transactions.run(async () => {
      const row = await this.repository.lockPhased(name);
      if (row?.isFinished) return row.body;
      const body = await flow.record(prepared, result);
      const json = body === undefined ? null : JSON.stringify(body);
      this.repository.finish(name, json, this.clock.now());
      return json === null ? undefined : (JSON.parse(json) as unknown);
    });
  }

  /** @returns undefined when the outcome is unknown. */
  private async call<Prepared, Result>(
    flow: Flow<never, Prepared, Result>,
    prepared: Prepared,
  ): Promise<Result | undefined> {
    try {
      return await flow.call(prepared);
    } catch (error) {
      this.logger.warn({ err: error, flow: flow.name }, 'A call has no known outcome; a job asks again.');
      return undefined;
    }
  }

  /** @throws OtherSystemFailed when the outcome stays unknown. */
  private async callAgain<Prepared, Result>(flow: Flow<never, Prepared, Result>, prepared: Prepared): Promise<Result> {
    try {
      return await flow.call(prepared);
    } catch (error) {
      const why = error instanceof Error ? messageOf(error) : String(error);
      throw new OtherSystemFailed(`the outcome of ${flow.name} is unknown: ${why}`, { cause: error });
    }
  }

  private async recover(name: KeyName): Promise<void> {
    const row = await this.repository.findPhased(name);
    if (!row || row.isFinished) return;
    const flow = this.flows.get(row.flow ?? '');
    if (!flow) throw new Error(`the flow ${String(row.flow)} is not registered: does a newer version of the shop run?`);
    await this.record(flow, name, row.prepared, await this.callAgain(flow, row.prepared));
  }
}
