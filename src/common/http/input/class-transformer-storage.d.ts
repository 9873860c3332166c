// class-transformer has types for what its entry point exports alone; `@nestjs/mapped-types` reads the same file
declare module 'class-transformer/cjs/storage.js' {
  import type { TransformationType, TransformFnParams } from 'class-transformer';

  export const defaultMetadataStorage: {
    findTypeMetadata(target: object, propertyName: string): { typeFunction(): unknown } | undefined;
    findTransformMetadatas(
      target: object,
      propertyName: string,
      transformationType: TransformationType,
    ): { transformFn(parameters: TransformFnParams): unknown }[];
  };
}
