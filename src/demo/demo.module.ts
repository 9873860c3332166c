import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ImportsModule } from '../imports/imports.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { ProductsModule } from '../products/products.module.js';
import { ReviewsModule } from '../reviews/reviews.module.js';
import { UsersModule } from '../users/users.module.js';
import { DemoOrdersService } from './demo.orders.service.js';
import { DemoPicturesService } from './pictures/demo.pictures.service.js';
import { DemoService } from './demo.service.js';

@Module({
  imports: [AuthModule, ImportsModule, OrdersModule, PaymentsModule, ProductsModule, ReviewsModule, UsersModule],
  providers: [DemoService, DemoOrdersService, DemoPicturesService],
  exports: [DemoService],
})
export class DemoModule {}
