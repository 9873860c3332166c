import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Reservation } from './entities/reservation.entity.js';
import { StockLevel } from './entities/stock-level.entity.js';
import { StockMovement } from './entities/stock-movement.entity.js';
import { InventoryRepository } from './inventory.repository.js';
import { InventoryService } from './inventory.service.js';
import { ReservationsRepository } from './reservations.repository.js';
import { ReservationsService } from './reservations.service.js';
import { StockController } from './stock.controller.js';
import { StockVerificationRepository } from './stock-verification.repository.js';
import { StockVerificationService } from './stock-verification.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Reservation, StockLevel, StockMovement])],
  controllers: [StockController],
  providers: [
    InventoryService,
    InventoryRepository,
    ReservationsService,
    ReservationsRepository,
    StockVerificationService,
    StockVerificationRepository,
  ],
  exports: [InventoryService, ReservationsService],
})
export class InventoryModule {}
