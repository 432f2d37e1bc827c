// Command oidc is an OpenID provider for tests: the example of zitadel's
// library, with users zhang, li (who has no account) and the password verysecure.
//
//	oidc ADDRESS REDIRECT-URI...
package main

import (
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// users are known by name.
type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User { return u.GetUserByUsername(id) }

func (u users) GetUserByUsername(name string) *storage.User { return u[name] }

func (u users) ExampleClientID() string { return "service" }

func main() {
	addr := os.Args[1]
	storage.RegisterClients(storage.WebClient("unigrid", "shared secret", os.Args[2:]...))
	known := users{}
	for _, name := range []string{"zhang", "li"} {
		known[name] = &storage.User{ID: name, Username: name, Password: "verysecure", Email: name + "@example.org", EmailVerified: true}
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		log.Fatal(err)
	}
	handler := exampleop.SetupServer("http://"+addr+"/", storage.NewStorage(known), slog.New(slog.DiscardHandler), false)
	log.Fatal((&http.Server{Handler: handler}).Serve(listener))
}
