import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The service allows pages of this origin in development (CLIENT_ORIGIN).
export default defineConfig({
  plugins: [react()],
  server: { port: 3000, strictPort: true },
  preview: { port: 3000, strictPort: true },
});
