import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

export default defineConfig(({ command, mode }) => {
  if (command === 'build' && !loadEnv(mode, import.meta.dirname).VITE_API_URL) {
    throw new Error('Set VITE_API_URL to the address of the service, such as https://auth.example.com.');
  }
  return {
    plugins: [react()],
    // The service allows pages of this origin in development (CLIENT_ORIGIN).
    server: { port: 3000, strictPort: true },
    preview: { port: 3000, strictPort: true },
  };
});
