"""The client of openapi-python-client: both contracts from beginning to end."""
import base64, hashlib, hmac, os, struct

from twofold_client import AuthenticatedClient, Client
from twofold_client.api.authentication import log_in, register_user, submit_second_factor
from twofold_client.api.basic_api import exchange_credentials, get_unconfirmed_otp_qr_code, get_username, set_otp_enabled
from twofold_client.api.second_factor import confirm_otp_setup, disable_otp, start_otp_setup
from twofold_client.api.sessions import get_current_user, log_out
from twofold_client.models import (
    ConfirmOtpSetupRequest, DisableOtpRequest, LoginRequest, RegisterRequest, SetOtpEnabledRequest, StartOtpSetupRequest,
    SubmitSecondFactorRequest,
)

SERVICE = os.environ["SERVICE"]
EMAIL, PASSWORD = "ada@example.com", "seven quiet lanterns"
now = int(os.environ["SERVICE_TIME"])


def next_code(secret):
    """A code that was not used before: of the next step, with the clock moved there."""
    global now
    print("advance 30", flush=True)
    input()
    now += 30_000
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", now // 30_000), hashlib.sha1).digest()
    at = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


# The JSON contract, with cookies.
with Client(base_url=SERVICE, raise_on_unexpected_status=True) as client:
    registered = register_user.sync(client=client, body=RegisterRequest(name="Ada", email=EMAIL, password=PASSWORD))
    assert registered.status == "success"
    wrong = log_in.sync(client=client, body=LoginRequest(email=EMAIL, password="not the password"))
    assert wrong.code == "incorrect_credentials"
    login = LoginRequest(email=EMAIL, password=PASSWORD)
    assert log_in.sync(client=client, body=login).second_factor_required is False
    offer = start_otp_setup.sync(client=client, body=StartOtpSetupRequest())
    confirmed = confirm_otp_setup.sync(client=client, body=ConfirmOtpSetupRequest(token=next_code(offer.base32)))
    assert len(confirmed.recovery_codes) == 10 and confirmed.user.second_factors == ["totp"]
    assert log_in.sync(client=client, body=login).second_factor_required is True
    assert get_current_user.sync(client=client).code == "otp_required"
    accepted = submit_second_factor.sync(client=client, body=SubmitSecondFactorRequest(token=next_code(offer.base32)))
    assert accepted.otp_valid
    assert get_current_user.sync(client=client).session.aal == "aal2"
    assert disable_otp.sync(client=client, body=DisableOtpRequest()).user.otp_enabled is False
    assert log_out.sync_detailed(client=client).status_code == 204

# The Basic contract, with a bearer token.
credentials = base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
basic = AuthenticatedClient(base_url=SERVICE, token=credentials, prefix="Basic", raise_on_unexpected_status=True)
token = exchange_credentials.sync(client=basic).token
bearer = AuthenticatedClient(base_url=SERVICE, token=token, raise_on_unexpected_status=True)
assert get_username.sync(client=bearer) == EMAIL
enabled = set_otp_enabled.sync(client=bearer, body=SetOtpEnabledRequest(enabled=True))
assert get_unconfirmed_otp_qr_code.sync(client=bearer).payload.read(4)[1:] == b"PNG"
assert exchange_credentials.sync(client=basic).status == 1
assert exchange_credentials.sync(client=basic, otp=enabled.recovery_codes[0]).status == 0
print("ok")
