"""A Flask application whose users log in by Authlib. It prints its port, and waits."""

import os
import secrets

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, request, session
from werkzeug.serving import make_server

app = Flask(__name__)
app.secret_key = "a secret of the application"
app.config["SESSION_COOKIE_NAME"] = "authlib"
server = make_server("127.0.0.1", 0, app, threaded=True)
url = f"http://127.0.0.1:{server.server_port}"
sessions = {}

oauth = OAuth(app)
oauth.register(
    "op",
    client_id="authlib",
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    update_token=lambda token, **_: sessions[session["id"]].update(token=token),
)


@app.get("/login")
def login():
    return oauth.op.authorize_redirect(url + "/callback")


@app.get("/callback")
def callback():
    token = oauth.op.authorize_access_token()
    session["id"] = secrets.token_urlsafe()
    sessions[session["id"]] = {"token": token, "user": oauth.op.userinfo(token=token)}
    return redirect("/done")


@app.get("/who")
def who():
    mine = sessions.get(session.get("id"))
    return jsonify(mine and {**mine["user"], "access_token": mine["token"]["access_token"]})


@app.get("/refresh")
def refresh():
    """As if the access token had expired: Authlib then refreshes it by itself."""
    mine = sessions[session["id"]]
    oauth.op.userinfo(token={**mine["token"], "expires_at": 1})
    return redirect("/done")


@app.get("/logout")
def logout():
    mine = sessions.pop(session.pop("id"))
    return oauth.op.logout_redirect(url + "/after", id_token_hint=mine["token"]["id_token"])


@app.get("/after")
def after():
    oauth.op.validate_logout_response()
    return redirect("/done")


@app.get("/done")
def done():
    return str(request.args)


print(server.server_port, flush=True)
server.serve_forever()
