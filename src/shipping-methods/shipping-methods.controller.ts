import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { IfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { Cacheable } from '../common/http/output/cacheable.js';
import { About } from '../common/openapi/about.js';
import { Permit, Public } from '../common/security/access.js';
import { type Caller, OptionalCaller } from '../common/security/caller.js';
import { CreateShippingMethodDto, UpdateShippingMethodDto } from './dto/shipping-method-input.dto.js';
import { ShippingMethodDto, ShippingMethodPage, ShippingMethodQuery } from './dto/shipping-method.dto.js';
import { WriteShippingMethods } from './shipping-methods.permissions.js';
import { ShippingMethodsService } from './shipping-methods.service.js';

@About('How orders are sent, where to, and at what price.')
@Controller('shipping-methods')
export class ShippingMethodsController {
  constructor(private readonly methods: ShippingMethodsService) {}

  /** Lists the shipping methods that customers can choose, by name. */
  @Get()
  @Public()
  @Cacheable(30)
  list(@Query() query: ShippingMethodQuery, @OptionalCaller() caller?: Caller): Promise<ShippingMethodPage> {
    return this.methods.list(query, caller);
  }

  /** Returns a shipping method. */
  @Get(':id')
  @Public()
  @Versioned(ShippingMethodsService)
  @Cacheable(30)
  read(@Param('id', IdPipe) id: string, @OptionalCaller() caller?: Caller): Promise<ShippingMethodDto> {
    return this.methods.read(id, caller);
  }

  /** Creates a shipping method. */
  @Post()
  @Permit(WriteShippingMethods)
  @Idempotent()
  create(@Body() method: CreateShippingMethodDto): Promise<ShippingMethodDto> {
    return this.methods.create(method);
  }

  /** Updates a shipping method by a JSON Merge Patch: members that are left out stay, null removes. */
  @Patch(':id')
  @Permit(WriteShippingMethods)
  update(
    @Param('id', IdPipe) id: string,
    @IfMatch() expected: ExpectedVersions,
    @Body() change: UpdateShippingMethodDto,
  ): Promise<ShippingMethodDto> {
    return this.methods.update(id, change, expected);
  }

  /** Deletes a shipping method; orders that were placed with it stay as they are. */
  @Delete(':id')
  @HttpCode(204)
  @Permit(WriteShippingMethods)
  remove(@Param('id', IdPipe) id: string, @IfMatch() expected: ExpectedVersions): Promise<void> {
    return this.methods.remove(id, expected);
  }
}
