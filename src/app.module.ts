import { Module } from '@nestjs/common';
import { CommonModule } from './common/common.module.js';

/** The table of contents: the platform, then the features. */
@Module({
  imports: [CommonModule],
})
export class AppModule {}
