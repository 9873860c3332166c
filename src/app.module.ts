import { Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module.js';
import { CategoriesModule } from './categories/categories.module.js';
import { CommonModule } from './common/common.module.js';
import { DemoModule } from './demo/demo.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { InventoryModule } from './inventory/inventory.module.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { OpsModule } from './ops/ops.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PhotosModule } from './photos/photos.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { ProductFamiliesModule } from './product-families/product-families.module.js';
import { ProductsModule } from './products/products.module.js';
import { ReviewsModule } from './reviews/reviews.module.js';
import { ShippingMethodsModule } from './shipping-methods/shipping-methods.module.js';
import { UsersModule } from './users/users.module.js';

/** The table of contents: the platform, then the features. */
@Module({
  imports: [
    CommonModule,
    AuthModule,
    UsersModule,
    CategoriesModule,
    ProductsModule,
    PhotosModule,
    InventoryModule,
    LedgerModule,
    ImportsModule,
    ReviewsModule,
    ShippingMethodsModule,
    OrdersModule,
    PaymentsModule,
    OpsModule,
    ProductFamiliesModule,
    DemoModule,
  ],
})
export class AppModule {}
