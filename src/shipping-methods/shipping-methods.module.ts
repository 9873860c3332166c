import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ShippingMethod } from './entities/shipping-method.entity.js';
import { ShippingMethodsController } from './shipping-methods.controller.js';
import { ShippingMethodsRepository } from './shipping-methods.repository.js';
import { ShippingMethodsService } from './shipping-methods.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ShippingMethod])],
  controllers: [ShippingMethodsController],
  providers: [ShippingMethodsService, ShippingMethodsRepository],
  exports: [ShippingMethodsService],
})
export class ShippingMethodsModule {}
