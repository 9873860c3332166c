import { Controller, Get, Module, NotFoundException, Request, UseGuards } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Caller, JwtAuthGuard } from './auth.guards.js';
import { Photo, User } from './entities.js';

@Controller('users')
class UsersController {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  @Get('me')
  @UseGuards(JwtAuthGuard)
  async me(@Request() request: { user: Caller }): Promise<User> {
    const user = await this.users.findOne({ where: { id: request.user.userId }, relations: { photo: true } });
    if (!user) throw new NotFoundException();
    return user;
  }
}

@Module({ imports: [TypeOrmModule.forFeature([User, Photo])], controllers: [UsersController] })
export class UsersModule {}
