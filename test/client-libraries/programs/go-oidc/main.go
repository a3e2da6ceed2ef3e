// An application whose users log in by coreos/go-oidc. It prints its port, and waits.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const cookie = "go-oidc"

// What a browser's session has: first of the login that has begun, then of the user.
type session struct {
	state, nonce, verifier string
	token                  *oauth2.Token
	idToken                string
	user                   map[string]interface{}
}

type app struct {
	sync.Mutex
	sessions map[string]*session
	config   oauth2.Config
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	logout   string
	url      string
}

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func (a *app) sessionOf(r *http.Request) *session {
	a.Lock()
	defer a.Unlock()
	if c, err := r.Cookie(cookie); err == nil {
		return a.sessions[c.Value]
	}
	return nil
}

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	id, s := random(), &session{state: random(), nonce: random(), verifier: random()}
	a.Lock()
	a.sessions[id] = s
	a.Unlock()
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: "/", HttpOnly: true})
	hash := sha256.Sum256([]byte(s.verifier))
	challenge := base64.RawURLEncoding.EncodeToString(hash[:])
	http.Redirect(w, r, a.config.AuthCodeURL(s.state, oidc.Nonce(s.nonce),
		oauth2.SetAuthURLParam("code_challenge", challenge),
		oauth2.SetAuthURLParam("code_challenge_method", "S256")), http.StatusFound)
}

func (a *app) finish(ctx context.Context, s *session, query url.Values) error {
	if query.Get("state") != s.state {
		return errors.New("state")
	}
	token, err := a.config.Exchange(ctx, query.Get("code"), oauth2.SetAuthURLParam("code_verifier", s.verifier))
	if err != nil {
		return err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := a.verifier.Verify(ctx, raw)
	if err != nil {
		return err
	}
	if idToken.Nonce != s.nonce {
		return errors.New("nonce")
	}
	info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != idToken.Subject {
		return errors.New("subject")
	}
	s.token, s.idToken = token, raw
	return info.Claims(&s.user)
}

func (a *app) callback(w http.ResponseWriter, r *http.Request) {
	s := a.sessionOf(r)
	if s == nil {
		http.Error(w, "no session", http.StatusBadRequest)
		return
	}
	if err := a.finish(r.Context(), s, r.URL.Query()); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	http.Redirect(w, r, "/done", http.StatusFound)
}

// As if the access token had expired: the library then refreshes it by itself.
func (a *app) refresh(w http.ResponseWriter, r *http.Request) {
	s := a.sessionOf(r)
	expired := *s.token
	expired.Expiry = time.Now().Add(-time.Hour)
	token, err := a.config.TokenSource(r.Context(), &expired).Token()
	if err == nil {
		raw, _ := token.Extra("id_token").(string)
		_, err = a.verifier.Verify(r.Context(), raw)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	s.token = token
	http.Redirect(w, r, "/done", http.StatusFound)
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	s := a.sessionOf(r)
	query := url.Values{"id_token_hint": {s.idToken}, "post_logout_redirect_uri": {a.url + "/after"}}
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/", MaxAge: -1})
	http.Redirect(w, r, a.logout+"?"+query.Encode(), http.StatusFound)
}

func (a *app) who(w http.ResponseWriter, r *http.Request) {
	var user map[string]interface{}
	if s := a.sessionOf(r); s != nil && s.user != nil {
		user = map[string]interface{}{"name": s.user["name"], "access_token": s.token.AccessToken}
	}
	if err := json.NewEncoder(w).Encode(user); err != nil {
		log.Print(err)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	var more struct {
		Logout string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		log.Fatal(err)
	}
	self := "http://" + listener.Addr().String()
	a := &app{sessions: map[string]*session{}, provider: provider, logout: more.Logout, url: self}
	a.config = oauth2.Config{
		ClientID:     "go-oidc",
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  self + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	a.verifier = provider.Verifier(&oidc.Config{ClientID: a.config.ClientID})
	for path, handler := range map[string]http.HandlerFunc{
		"/login": a.login, "/callback": a.callback, "/refresh": a.refresh, "/logout": a.signOut, "/who": a.who,
		"/done": func(http.ResponseWriter, *http.Request) {},
		"/after": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/done", http.StatusFound) },
	} {
		http.HandleFunc(path, handler)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, nil))
}
