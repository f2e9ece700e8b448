// The rules of the fields. The service checks them too, and has the last word.
import { z } from 'zod';

export const NAME = z.string().trim().min(1, 'Please enter a name.').max(100, 'Please use a name of at most 100 characters.');
export const EMAIL = z.email('Please enter a valid email address.');
export const CURRENT_PASSWORD = z.string().min(1, 'Please enter your password.');
export const PASSWORD = z.string()
  .min(8, 'Please use a password of at least 8 characters.')
  .max(256, 'Please use a password of at most 256 characters.');
export const CODE = z.string().trim().min(1, 'Please enter the code.').max(64, 'This code is too long.');
/** A form with nothing but a code. */
export const TOKEN = z.object({ token: CODE });
