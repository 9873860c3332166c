import { Global, Module } from '@nestjs/common';
import { DeliveriesRepository } from './deliveries.repository.js';
import { EventDeliverer } from './event-deliverer.js';
import { EventDeliveriesService } from './event-deliveries.service.js';
import { EventRelay } from './event-relay.js';
import { EventsService } from './events.service.js';
import { OutboxRepository } from './outbox.repository.js';

/** What features announce and learn: {@link EventsService}. */
@Global()
@Module({
  providers: [
    DeliveriesRepository,
    EventDeliverer,
    EventDeliveriesService,
    EventRelay,
    EventsService,
    OutboxRepository,
  ],
  exports: [EventDeliveriesService, EventRelay, EventsService, OutboxRepository],
})
export class EventsModule {}
