import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { InventoryModule } from '../inventory/inventory.module.js';
import { ProductsModule } from '../products/products.module.js';
import { ShippingMethodsModule } from '../shipping-methods/shipping-methods.module.js';
import { UsersModule } from '../users/users.module.js';
import { FulfillmentLine } from './entities/fulfillment-line.entity.js';
import { Fulfillment } from './entities/fulfillment.entity.js';
import { OrderEvent } from './entities/order-event.entity.js';
import { OrderLine } from './entities/order-line.entity.js';
import { Order } from './entities/order.entity.js';
import { FulfillmentsRepository } from './fulfillments.repository.js';
import { FulfillmentsService } from './fulfillments.service.js';
import { OrderPaymentsService } from './order-payments.service.js';
import { OrdersController } from './orders.controller.js';
import { OrdersExpiryService } from './orders.expiry.service.js';
import { OrdersHistoryRepository } from './orders.history.repository.js';
import { OrdersMailsService } from './orders.mails.service.js';
import { OrdersPlacingService } from './orders.placing.service.js';
import { OrdersPricesService } from './orders.prices.service.js';
import { OrdersRepository } from './orders.repository.js';
import { OrdersService } from './orders.service.js';
import { OrdersTransitionsService } from './orders.transitions.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Order, OrderLine, OrderEvent, Fulfillment, FulfillmentLine]),
    InventoryModule,
    ProductsModule,
    ShippingMethodsModule,
    UsersModule,
  ],
  controllers: [OrdersController],
  providers: [
    OrdersService,
    OrdersPlacingService,
    OrdersPricesService,
    OrdersTransitionsService,
    OrdersExpiryService,
    OrdersMailsService,
    FulfillmentsService,
    OrderPaymentsService,
    OrdersRepository,
    OrdersHistoryRepository,
    FulfillmentsRepository,
  ],
  exports: [
    OrdersService,
    OrdersPlacingService,
    OrdersExpiryService,
    FulfillmentsService,
    OrderPaymentsService,
    OrdersMailsService,
  ],
})
export class OrdersModule {}
