import { Injectable } from '@nestjs/common';
import { type Flow, PhasedRequests } from '../common/http/idempotency/phased-requests.js';
import type { Outcome } from './attempt-states.js';
import { AttemptsService } from './attempts.service.js';
import { type PaymentDto, toPaymentDto } from './dto/payment.dto.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentCallsService } from './payment-calls.service.js';
import { PaymentOutcomeUnknown } from './providers/payment-provider.js';
import { SettlementService } from './settlement.service.js';

/** What is left of a request before its call: the attempt that it made. */
type Prepared = Pick<PaymentAttempt, 'id' | 'orderId'>;

/** A request that makes one attempt: what it checks, and what it makes. */
export type AttemptFlow<Input> = Flow<Input, Prepared, Outcome>;

/** Requests that make one attempt each: prepared, sent and recorded, in phases between which the process may end. */
@Injectable()
export class PaymentFlows {
  constructor(
    private readonly phases: PhasedRequests,
    private readonly attempts: AttemptsService,
    private readonly calls: PaymentCallsService,
    private readonly settlement: SettlementService,
  ) {}

  /**
   * Makes a flow known; in the constructor of the service that has it.
   * @param prepare checks and makes the attempt, in one unit of work.
   */
  register<Input>(name: string, prepare: (input: Input) => Promise<PaymentAttempt>): AttemptFlow<Input> {
    const flow: AttemptFlow<Input> = {
      name,
      prepare: async (input) => {
        const { id, orderId } = await prepare(input);
        return { id, orderId };
      },
      call: (prepared) => this.call(prepared),
      known: async ({ id }) => this.calls.known(await this.attempts.read(id)),
      record: async (prepared, outcome) => toPaymentDto(await this.settlement.settle(prepared, outcome)),
      show: async ({ id }) => toPaymentDto(await this.attempts.read(id)),
    };
    this.phases.register(flow);
    return flow;
  }

  /** Does what the present request asks. @returns the attempt; as long as it has no outcome, it is what a repetition gets, too. */
  async run<Input>(flow: AttemptFlow<Input>, input: Input): Promise<PaymentDto> {
    // what `record` and `show` return, as JSON has it
    return (await this.phases.run(flow, input)) as PaymentDto;
  }

  /** @throws PaymentOutcomeUnknown, when that is recorded: a job asks the provider again. */
  private async call(prepared: Prepared): Promise<Outcome> {
    const outcome = await this.calls.perform(prepared.id);
    if (outcome.state === 'succeeded' || outcome.state === 'declined') return outcome;
    const { state } = await this.settlement.settle(prepared, outcome);
    // somebody else may have learned of an outcome meanwhile
    if (state === 'succeeded' || state === 'declined') return this.calls.perform(prepared.id);
    throw new PaymentOutcomeUnknown('the outcome of the payment is unknown');
  }
}
