import { Exclude, Expose, instanceToPlain } from 'class-transformer';
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  type Relation,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

@Entity('categories')
export class Category {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  slug: string;
}

@Entity('photos')
export class Photo {
  @PrimaryColumn('uuid')
  id: string;

  @Column('integer')
  width: number;

  @Column('integer')
  height: number;

  @Column('text', { name: 'thumb_hash' })
  thumbHash: string;

  @Exclude()
  @Column('text')
  state: string;

  @Expose()
  get available(): boolean {
    return this.state !== 'unavailable';
  }

  @Expose()
  get urls(): { original: string; large: string; medium: string; thumb: string } {
    const at = `/api/v1/photos/${this.id}`;
    return { original: `${at}/original`, large: `${at}/large`, medium: `${at}/medium`, thumb: `${at}/thumb` };
  }
}

@Entity('products')
export class Product {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  sku: string;

  @Column('text')
  slug: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  @Exclude()
  @Column('bigint', { name: 'price_amount' })
  priceAmount: number;

  @Exclude()
  @Column('char', { name: 'price_currency', length: 3 })
  priceCurrency: string;

  @Exclude()
  @OneToOne(() => StockLevel, (level) => level.product, { cascade: ['insert'] })
  level: Relation<StockLevel>;

  @Exclude()
  @Column('integer', { name: 'rating_count', default: 0 })
  ratingCount: number;

  @Exclude()
  @Column('integer', { name: 'rating_sum', default: 0 })
  ratingSum: number;

  @ManyToMany(() => Category)
  @JoinTable({
    name: 'product_categories',
    joinColumn: { name: 'product_id' },
    inverseJoinColumn: { name: 'category_id' },
  })
  categories: Category[];

  @Exclude()
  @OneToMany(() => ProductPhoto, (of) => of.product)
  productPhotos: Relation<ProductPhoto[]>;

  @Column('jsonb')
  attributes: Record<string, string | number | boolean>;

  @Exclude()
  @Column('uuid', { name: 'family_id', nullable: true })
  familyId: string | null;

  @Exclude()
  @Column('text', { name: 'family_name', nullable: true })
  familyName: string | null;

  @Exclude()
  @Column('jsonb', { name: 'family_options', nullable: true })
  familyOptions: { name: string; value: string }[] | null;

  @Column('text')
  status: string;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Expose()
  get price(): { amount: number; currency: string } {
    return { amount: this.priceAmount, currency: this.priceCurrency };
  }

  @Expose()
  get rating(): { average: number | null; count: number } {
    const { ratingCount: count, ratingSum: sum } = this;
    return { average: count === 0 ? null : Math.round((sum / count) * 10) / 10, count };
  }

  @Expose()
  get family(): object | null {
    const options = Object.fromEntries((this.familyOptions ?? []).map(({ name, value }) => [name, value]));
    // null also for a product that was just made, which has none of them
    return this.familyId ? { id: this.familyId, name: this.familyName, options } : null;
  }

  @Expose()
  get photos(): object[] {
    return this.productPhotos
      .toSorted((a, b) => a.position - b.position)
      .map(({ alt, photo }) => ({ ...instanceToPlain(photo), alt }));
  }

  @Expose({ name: 'stock', groups: ['customer'] })
  get stockForCustomers(): { available: number } {
    return { available: this.level.onHand - this.level.reserved };
  }

  @Expose({ name: 'stock', groups: ['staff'] })
  get stockForStaff(): { available: number; onHand: number; reserved: number } {
    const { onHand, reserved } = this.level;
    return { available: onHand - reserved, onHand, reserved };
  }
}

@Entity('product_photos')
export class ProductPhoto {
  @PrimaryColumn('uuid', { name: 'photo_id' })
  photoId: string;

  @ManyToOne(() => Product, (product) => product.productPhotos)
  @JoinColumn({ name: 'product_id' })
  product: Product;

  @OneToOne(() => Photo)
  @JoinColumn({ name: 'photo_id' })
  photo: Photo;

  @Column('integer')
  position: number;

  @Column('text', { nullable: true })
  alt: string | null;
}

@Entity('stock_levels')
export class StockLevel {
  @PrimaryColumn('uuid', { name: 'product_id' })
  productId: string;

  @OneToOne(() => Product, (product) => product.level)
  @JoinColumn({ name: 'product_id' })
  product: Product;

  @Column('integer', { name: 'on_hand', default: 0 })
  onHand: number;

  @Column('integer', { default: 0 })
  reserved: number;
}

@Entity('users')
export class User {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  email: string;

  @Column('text')
  name: string;

  @Exclude()
  @Column('text', { name: 'password_hash', nullable: true })
  passwordHash: string | null;

  @Column('text', { array: true })
  roles: string[];

  @Exclude()
  @Column('timestamptz', { name: 'email_verified_at', nullable: true })
  emailVerifiedAt: Date | null;

  @Exclude()
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Exclude()
  @Column('timestamptz', { name: 'erased_at', nullable: true })
  erasedAt: Date | null;

  @OneToOne(() => Photo)
  @JoinColumn({ name: 'photo_id' })
  photo: Photo | null;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Expose()
  get emailVerified(): boolean {
    return this.emailVerifiedAt !== null;
  }

  @Expose()
  get disabled(): boolean {
    return this.disabledAt !== null;
  }

  @Expose()
  get erased(): boolean {
    return this.erasedAt !== null;
  }
}

@Entity('sessions')
export class Session {
  @PrimaryColumn('uuid')
  id: string;

  @ManyToOne(() => User)
  @JoinColumn({ name: 'user_id' })
  user: User;

  @Column('bytea', { name: 'refresh_hash' })
  refreshHash: Buffer;

  @Column('timestamptz', { name: 'rotated_at' })
  rotatedAt: Date;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column('text')
  address: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_seen_at' })
  lastSeenAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;
}
