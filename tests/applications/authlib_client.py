"""Authlib signs an agent in: discovery, the code flow, the ID token, who it is, a refresh. It checks what it gets."""

import html
import json
import os
import re
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

told = json.loads(os.environ["APPLICATION"])


def agent(address):
    """Goes where the application sends the agent, signs in, and gives the address at which they come back."""
    cookies = {}
    fields = None
    while True:
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        if fields is None:
            answer = requests.get(address, headers=sent, allow_redirects=False, timeout=30)
        else:
            sent["origin"] = told["site"]
            answer = requests.post(address, headers=sent, data=fields, allow_redirects=False, timeout=30)
        for cookie in answer.raw.headers.getlist("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            cookies[name] = value
        if answer.is_redirect:
            address, fields = urllib.parse.urljoin(address, answer.headers["location"]), None
            if not address.startswith(told["site"]):
                return address
            continue
        assert answer.status_code == 200, answer.text
        form = [form for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.S) if 'name="form"' in form][-1]
        hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form)
        fields = {name: html.unescape(value) for name, value in hidden}
        fields |= {"username": told["username"], "password": told["password"]}
        action = html.unescape(re.search(r'action="([^"]*)"', form)[1])
        address = urllib.parse.urljoin(address, action)


metadata = OpenIDProviderMetadata(requests.get(f"{told['issuer']}/.well-known/openid-configuration", timeout=30).json())
assert metadata["issuer"] == told["issuer"]
# Everything except what requires https, which the test's provider does not have.
metadata.validate_response_types_supported()
metadata.validate_subject_types_supported()
metadata.validate_token_endpoint_auth_methods_supported()
metadata.validate_grant_types_supported()
metadata.validate_code_challenge_methods_supported()

verifier, nonce = generate_token(48), generate_token()
for method in ["client_secret_basic", "client_secret_post"]:
    session = OAuth2Session(
        told["clientId"],
        told["secret"],
        token_endpoint_auth_method=method,
        redirect_uri=told["callback"],
        scope="openid profile email",
        code_challenge_method="S256",
    )
    address, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = agent(address)
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    tokens = session.fetch_token(
        metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=30).json())
    decoded = jwt.decode(tokens["id_token"], keys, algorithms=[told["alg"]])
    assert decoded.header["alg"] == told["alg"]
    options = {"iss": {"values": [told["issuer"]]}, "aud": {"values": [told["clientId"]]}, "nonce": {"value": nonce}}
    params = {"client_id": told["clientId"], "nonce": nonce, "access_token": tokens["access_token"]}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    claims.validate()
    assert claims["sub"] == told["sub"]
    about = session.get(f"{told['issuer']}/userinfo").json()
    assert (about["sub"], about["name"]) == (told["sub"], told["name"])
    refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=tokens["refresh_token"])
    assert refreshed["refresh_token"] != tokens["refresh_token"]
print(f"Authlib: signed in with an ID token by {told['alg']}, refreshed")
