import {
  Body,
  Controller,
  Get,
  Module,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  SerializeOptions,
  UseGuards,
} from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JwtAuthGuard, Roles, RolesGuard } from './auth.guards.js';
import { Category, Photo, Product, ProductPhoto, StockLevel } from './entities.js';
import { CreateProductDto, ProductQueryDto } from './products.dto.js';
import { type ProductPage, ProductsService } from './products.service.js';

@Controller('products')
class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @SerializeOptions({ groups: ['customer'] })
  findAll(@Query() query: ProductQueryDto): Promise<ProductPage> {
    return this.products.findAll(query);
  }

  @Get(':id')
  @SerializeOptions({ groups: ['customer'] })
  findOne(@Param('id', ParseUUIDPipe) id: string): Promise<Product> {
    return this.products.findActive(id);
  }

  @Post()
  @Roles('staff', 'admin')
  @UseGuards(JwtAuthGuard, RolesGuard)
  @SerializeOptions({ groups: ['staff'] })
  create(@Body() product: CreateProductDto): Promise<Product> {
    return this.products.create(product);
  }
}

@Module({
  imports: [TypeOrmModule.forFeature([Product, StockLevel, Category, ProductPhoto, Photo])],
  controllers: [ProductsController],
  providers: [ProductsService],
})
export class ProductsModule {}
