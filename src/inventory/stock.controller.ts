import { Body, Controller, Get, Header, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { AdjustStockDto, StockMovementDto, StockMovementPage, StockMovementQuery } from './dto/stock-movement.dto.js';
import { OutOfStock, StockFull } from './inventory.errors.js';
import { WriteStock } from './inventory.permissions.js';
import { InventoryService } from './inventory.service.js';

@About('How much of a product there is, and how it came to be.')
@Controller('products/:id')
export class StockController {
  constructor(private readonly inventory: InventoryService) {}

  /** Adjusts the stock of a product: adds or removes units. */
  @Post('stock-adjustments')
  @Permit(WriteStock)
  @Idempotent()
  @Problems(OutOfStock, StockFull)
  @Header('location', './stock-movements')
  adjust(
    @Param('id', IdPipe) id: string,
    @Body() adjustment: AdjustStockDto,
    @CurrentCaller() caller: Caller,
  ): Promise<StockMovementDto> {
    return this.inventory.adjust(id, adjustment, caller);
  }

  /** Lists the stock movements of a product, the newest first. */
  @Get('stock-movements')
  @Permit(WriteStock)
  list(@Param('id', IdPipe) id: string, @Query() query: StockMovementQuery): Promise<StockMovementPage> {
    return this.inventory.list(id, query);
  }
}
