import { Column, Entity, PrimaryColumn } from 'typeorm';

/** That a photo is of a product. */
@Entity('product_photos')
export class ProductPhoto {
  @PrimaryColumn('uuid')
  photoId: string;

  @Column('uuid')
  productId: string;

  /** From 1 on, without gaps. */
  @Column('integer')
  position: number;

  /** What it shows, for those who do not see it. */
  @Column('text', { nullable: true })
  alt: string | null;
}
