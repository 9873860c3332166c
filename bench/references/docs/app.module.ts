import { Controller, Get, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuthModule } from './auth.module.js';
import { ProductsModule } from './products.module.js';
import { UsersModule } from './users.module.js';

@Controller('readyz')
class ReadyController {
  constructor(private readonly dataSource: DataSource) {}

  @Get()
  async ready(): Promise<{ status: string }> {
    await this.dataSource.query('SELECT 1');
    return { status: 'ok' };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      poolSize: 10,
      autoLoadEntities: true,
      installExtensions: false,
    }),
    AuthModule,
    UsersModule,
    ProductsModule,
  ],
  controllers: [ReadyController],
})
export class AppModule {}
