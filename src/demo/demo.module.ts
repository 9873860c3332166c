import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ImportsModule } from '../imports/imports.module.js';
import { ProductsModule } from '../products/products.module.js';
import { ReviewsModule } from '../reviews/reviews.module.js';
import { UsersModule } from '../users/users.module.js';
import { DemoService } from './demo.service.js';

@Module({
  imports: [AuthModule, ImportsModule, ProductsModule, ReviewsModule, UsersModule],
  providers: [DemoService],
  exports: [DemoService],
})
export class DemoModule {}
