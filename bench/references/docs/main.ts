// NestJS as its documentation shows it: Express, TypeORM's repositories, ValidationPipe, ClassSerializerInterceptor, passport-jwt.
import 'reflect-metadata';
import { ClassSerializerInterceptor, ValidationPipe } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import pg from 'pg';
import { AppModule } from './app.module.js';

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: ['error'] });
app.setGlobalPrefix('api/v1', { exclude: ['readyz'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector)));
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
