import { defineError } from '../common/errors/app-error.js';

export const CategoryNameTaken = defineError(
  'category-name-taken',
  'conflict',
  'The category’s name is taken',
  'Another category under the same parent has this name. Choose another name, or use that category.',
);
export const CategoryCircle = defineError(
  'category-circle',
  'conflict',
  'A category can’t be below itself',
  'The parent that you chose is the category itself or stands below it. Choose a parent outside of its branch.',
);
export const CategoryInUse = defineError(
  'category-in-use',
  'conflict',
  'The category is in use',
  'There are products in the category, or categories below it. Move or delete those first.',
);
