import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Route, Routes } from 'react-router';
import { takeMailLink } from 'twofold-client';
import { Private, Public } from './frames';
import { Activity } from './screens/Activity';
import { Forgot } from './screens/Forgot';
import { Link } from './screens/Link';
import { Login } from './screens/Login';
import { Profile } from './screens/Profile';
import { Register } from './screens/Register';
import { SecondFactor } from './screens/SecondFactor';
import { Sessions } from './screens/Sessions';
import { queryClient } from './service';
import './style.css';

// Links in mails lead to this page if the operator sets MAIL_PAGES to it.
const link = takeMailLink();
if (link) history.replaceState(null, '', '/link');

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <Routes>
          <Route element={<Public />}>
            <Route path="/login" element={<Login />} />
            <Route path="/register" element={<Register />} />
            <Route path="/code" element={<SecondFactor />} />
            <Route path="/forgot" element={<Forgot />} />
            <Route path="/link" element={<Link link={link} />} />
          </Route>
          <Route element={<Private />}>
            <Route path="/sessions" element={<Sessions />} />
            <Route path="/activity" element={<Activity />} />
            <Route path="*" element={<Profile />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
