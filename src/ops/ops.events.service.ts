import { Injectable } from '@nestjs/common';
import { Transactions } from '../common/database/transactions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound } from '../common/errors/errors.js';
import { EventDeliveriesService } from '../common/events/event-deliveries.service.js';
import { mapPage } from '../common/http/paging/pages.js';
import {
  type EventDeliveryDto,
  type EventDeliveryPage,
  type EventDeliveryQuery,
  toEventDeliveryDto,
} from './dto/event-delivery.dto.js';
import { EventWaits } from './ops.errors.js';

/** The events that handlers could not do, as staff see them. */
@Injectable()
export class OpsEventsService {
  constructor(
    private readonly deliveries: EventDeliveriesService,
    private readonly transactions: Transactions,
  ) {}

  async list(asked: EventDeliveryQuery): Promise<EventDeliveryPage> {
    return mapPage(await this.deliveries.list(asked), toEventDeliveryDto);
  }

  /** @throws AppError 404, also once the handler has done the event. */
  async read(id: string): Promise<EventDeliveryDto> {
    const row = await this.deliveries.find(id);
    if (!row) throw notFound(id);
    return toEventDeliveryDto(row);
  }

  /** Has an event tried again at once. @throws AppError 404; 409 for one that waits behind another. */
  async retry(id: string): Promise<EventDeliveryDto> {
    return this.transactions.run(async () => {
      const state = await this.deliveries.retry(id);
      if (state === undefined) throw notFound(id);
      if (state === 'waiting') throw new AppError(EventWaits, 'An earlier event of the same resource comes first.');
      return this.read(id);
    });
  }

  /** Leaves an event out for its handler, for good. @throws AppError 404. */
  async skip(id: string): Promise<void> {
    if ((await this.deliveries.skip(id)) === undefined) throw notFound(id);
  }
}

const notFound = (id: string): AppError => new AppError(NotFound, `No handler has an event ${id} to do.`);
