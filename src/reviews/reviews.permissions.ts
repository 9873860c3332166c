import { definePermission } from '../common/security/permissions.js';

export const WriteReviews = definePermission('reviews:write', ['staff'], 'Change and delete the reviews of others.');
