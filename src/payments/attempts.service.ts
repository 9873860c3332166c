import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { JobsService } from '../common/jobs/jobs.service.js';
import { Clock } from '../common/time/clock.js';
import { SEND_TIME } from './attempt-states.js';
import type { PaymentAttempt } from './entities/payment-attempt.entity.js';
import { PaymentChanged } from './payments.events.js';
import { CheckPayment } from './payments.jobs.js';
import { type NewAttempt, PaymentsRepository } from './payments.repository.js';
import { PaymentProvider } from './providers/payment-provider.js';

/** What is asked of the provider, and for whom. */
type Asked = Omit<NewAttempt, 'id' | 'provider' | 'nextCheckAt' | 'createdAt'>;

/** Makes attempts, and sees to it that each is finished. */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly attempts: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly events: EventsService,
    private readonly jobs: JobsService,
    private readonly clock: Clock,
  ) {}

  /** @throws AppError 404. */
  async read(id: string): Promise<PaymentAttempt> {
    const attempt = await this.attempts.find(id);
    if (!attempt) throw new AppError(NotFound, `There is no payment ${id}.`);
    return attempt;
  }

  /** Makes an attempt, in the unit of work of its request and under the lock of its order. Who goes on with the request sends it. */
  async create(asked: Asked): Promise<PaymentAttempt> {
    const attempt = await this.attempts.insert(this.complete(asked, SEND_TIME));
    this.events.publish(PaymentChanged, attempt, attempt);
    return attempt;
  }

  /** As {@link create}, for what the shop does by itself: once for each cause. A job sends it, after some seconds. */
  async createOnce(asked: Asked & { cause: string }, seconds = 0): Promise<void> {
    const attempt = await this.attempts.insertOnce(this.complete(asked, seconds));
    if (attempt) await this.announce(attempt);
  }

  /** Announces an attempt as it is now, and has the provider asked when that is due. */
  async announce(attempt: PaymentAttempt): Promise<void> {
    this.events.publish(PaymentChanged, attempt, attempt);
    const { id, nextCheckAt } = attempt;
    if (nextCheckAt) await this.jobs.enqueue(CheckPayment, { attemptId: id }, { runAt: nextCheckAt });
  }

  private complete(asked: Asked, seconds: number): NewAttempt {
    return {
      ...asked,
      id: uuidv7(),
      provider: this.provider.name,
      nextCheckAt: this.clock.in(seconds),
      createdAt: this.clock.now(),
    };
  }
}
