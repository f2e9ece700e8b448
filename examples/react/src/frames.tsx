// The layouts of the screens: one for everyone, and one for users who are signed in.
import { Navigate, NavLink, Outlet, useLocation, useNavigate, useOutletContext } from 'react-router';
import { isProblem, logout, type User } from 'twofold-client';
import { Reauthentication } from './Reauthentication';
import { queryClient, service, useMe } from './service';
import { Action, Alert, Page } from './ui';

export const Public = () => (
  <main className="narrow">
    <Outlet />
  </main>
);

/** The user, on screens that only they see. */
export const useUser = () => useOutletContext<User>();

/** Shows a screen to users who are signed in, and sends everyone else to the login page or the second factor. */
export function Private() {
  const { data, error, refetch } = useMe();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  if (isProblem(error, 'otp_required')) return <Navigate to="/code" replace state={{ from: pathname }} />;
  if (isProblem(error, 'not_authenticated')) return <Navigate to="/login" replace state={{ from: pathname }} />;
  if (!data) {
    return (
      <main className="narrow">
        {error && <Page title="This page could not be loaded"><Alert error={error} /><button type="button" onClick={() => void refetch()}>Try again</button></Page>}
      </main>
    );
  }
  const leave = async () => {
    await logout(service);
    void navigate('/login', { replace: true });
    queryClient.clear();
  };
  return (
    <>
      <header>
        <nav aria-label="Account">
          <NavLink to="/">Profile</NavLink>
          <NavLink to="/sessions">Sessions</NavLink>
          <NavLink to="/activity">Activity</NavLink>
        </nav>
        <Action run={leave} className="quiet">Log out</Action>
      </header>
      <main>
        <Outlet context={data.user} />
      </main>
      <Reauthentication />
    </>
  );
}
