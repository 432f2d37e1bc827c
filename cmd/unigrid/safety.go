package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"unigrid/api"
	"unigrid/grids"
)

// safety is how the service meets others than the machine itself.
type safety struct {
	tlsCert, tlsKey string
	behindProxy     bool
	origins         []string
	oidc            api.OIDC
	oidcSecretFile  string
}

const (
	envTLSCert        = "UNIGRID_TLS_CERT"
	envTLSKey         = "UNIGRID_TLS_KEY"
	envBehindProxy    = "UNIGRID_BEHIND_PROXY"
	envOrigins        = "UNIGRID_CORS_ORIGINS"
	envOIDCIssuer     = "UNIGRID_OIDC_ISSUER"
	envOIDCID         = "UNIGRID_OIDC_CLIENT_ID"
	envOIDCSecret     = "UNIGRID_OIDC_CLIENT_SECRET"
	envOIDCSecretFile = "UNIGRID_OIDC_CLIENT_SECRET_FILE"
	envOIDCClaim      = "UNIGRID_OIDC_NAME_CLAIM"
)

func (s *safety) registerSafety(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.tlsCert, "tls-cert", os.Getenv(envTLSCert), "file of the certificate with its chain, PEM ("+envTLSCert+")")
	flags.StringVar(&s.tlsKey, "tls-key", os.Getenv(envTLSKey), "file of its key, PEM ("+envTLSKey+")")
	flags.BoolVar(&s.behindProxy, "behind-proxy", os.Getenv(envBehindProxy) != "", "a proxy that ends TLS stands before the service; its X-Forwarded-For is believed ("+envBehindProxy+")")
	flags.StringSliceVar(&s.origins, "cors-origins", split(os.Getenv(envOrigins)), "origins whose pages may read the API without cookies, such as https://www.example.gov.cn ("+envOrigins+")")
	flags.StringVar(&s.oidc.Issuer, "oidc-issuer", os.Getenv(envOIDCIssuer), "OpenID Connect provider to sign in with ("+envOIDCIssuer+")")
	flags.StringVar(&s.oidc.ClientID, "oidc-client-id", os.Getenv(envOIDCID), "what the provider calls this service ("+envOIDCID+")")
	flags.StringVar(&s.oidcSecretFile, "oidc-client-secret-file", os.Getenv(envOIDCSecretFile), "file of the secret shared with the provider ("+envOIDCSecretFile+"; or "+envOIDCSecret+" itself)")
	flags.StringVar(&s.oidc.NameClaim, "oidc-name-claim", fallback(os.Getenv(envOIDCClaim), "preferred_username"), "claim that holds the account's name ("+envOIDCClaim+")")
	s.oidc.ClientSecret = os.Getenv(envOIDCSecret)
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func (s *safety) scheme() string {
	if s.tlsCert != "" {
		return "https"
	}
	return "http"
}

// checkListen refuses to be reached by others in clear text, the demo at all,
// for everybody can read its passwords.
func (c *config) checkListen(demo bool) error {
	if (c.tlsCert == "") != (c.tlsKey == "") {
		return grids.Errorf(grids.Invalid, "tls-cert", "--tls-cert 与 --tls-key 须同时给出", "--tls-cert and --tls-key go together")
	}
	if !loopback(c.addr) {
		if demo {
			return grids.Errorf(grids.Invalid, "addr", "演示只在本机地址上运行,%q 不是", "the demo is served on this machine only; %q is not a loopback address", c.addr).
				Fix("用本机地址,如 127.0.0.1:8080", "give one such as 127.0.0.1:8080")
		}
		if c.tlsCert == "" && !c.behindProxy {
			return grids.Errorf(grids.Invalid, "addr", "地址 %q 可从别处访问,须使用 TLS", "others can reach the address %q: it needs TLS", c.addr).
				Fix("给出 --tls-cert 和 --tls-key;由代理终结 TLS 时用 --behind-proxy", "give --tls-cert and --tls-key, or --behind-proxy when a proxy ends TLS").
				Fix("或用本机地址,如 127.0.0.1:8080", "or an address of this machine, e.g. 127.0.0.1:8080")
		}
	}
	for _, origin := range c.origins {
		if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
			return grids.Errorf(grids.Invalid, "cors-origins", "%q 不是来源地址", "%q is not an origin", origin).Fix("如 https://www.example.gov.cn", "such as https://www.example.gov.cn")
		}
	}
	if c.oidcSecretFile != "" {
		secret, err := os.ReadFile(c.oidcSecretFile)
		if err != nil {
			return fmt.Errorf("oidc-client-secret-file: %w", err)
		}
		c.oidc.ClientSecret = strings.TrimSpace(string(secret))
	}
	if (c.oidc.Issuer == "") != (c.oidc.ClientID == "") {
		return grids.Errorf(grids.Invalid, "oidc-issuer", "--oidc-issuer 与 --oidc-client-id 须同时给出", "--oidc-issuer and --oidc-client-id go together")
	}
	return nil
}

// loopback tells whether only this machine can reach an address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err == nil && host == "localhost" {
		return true
	}
	ip, parseErr := netip.ParseAddr(host)
	return err == nil && parseErr == nil && ip.IsLoopback()
}
