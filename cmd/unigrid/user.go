package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
)

// userCommand makes and keeps accounts on the machine itself, where whoever may
// run it is trusted: the first administrators are made so.
func userCommand(c *config) *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make accounts, and give them rights, passwords and keys"}
	cmd.AddCommand(userAddCommand(c), userListCommand(c), userRoleCommand(c), userPasswordCommand(c), userDisableCommand(c), userKeyCommand(c))
	return cmd
}

// bounds are where a role holds.
type bounds struct {
	everywhere     bool
	within, layers []string
}

func (b *bounds) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&b.everywhere, "everywhere", false, "in all territories, not only the one that --territory names")
	flags.StringSliceVar(&b.within, "within", nil, "division codes to whose subtrees the role is bound")
	flags.StringSliceVar(&b.layers, "layers", nil, "layers to which it is bound")
}

// give gives a role.
func (b bounds) give(ctx context.Context, a *app, tx pgx.Tx, account int64, role string) error {
	g := access.Grant{Account: account, Role: grids.Role(role)}
	for _, code := range b.within {
		g.Within = append(g.Within, grids.Code(code))
	}
	for _, layer := range b.layers {
		g.Layers = append(g.Layers, grids.LayerCode(layer))
	}
	if b.everywhere {
		return access.Give(ctx, tx, g, grids.GB12, "")
	}
	t, err := cells.FindTerritory(ctx, tx, a.territory)
	if err != nil {
		return err
	}
	g.Territory = t.ID
	return access.Give(ctx, tx, g, t.Scheme, t.Code)
}

func userAddCommand(c *config) *cobra.Command {
	var b bounds
	var role, label, email, kind string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Make an account; asks for its password",
		Long: "Make an account, with a role in the territory. System, security and audit administrator (admin, security, auditor)\n" +
			"are three accounts. Roles: agency, officer, department, gis, planner, admin, security, auditor.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			account := access.Account{Name: args[0], Label: label, Email: email, Kind: access.Kind(kind)}
			password := ""
			if account.Kind == access.Person {
				var err error
				if password, err = askPassword(cmd, stdin); err != nil {
					return err
				}
			}
			return with(cmd.Context(), c, func(a *app) error {
				return a.db.Tx(cmd.Context(), grids.Local, func(tx pgx.Tx) error {
					id, err := access.CreateAccount(cmd.Context(), tx, grids.Local, account, password)
					if err != nil || role == "" {
						return err
					}
					return b.give(cmd.Context(), a, tx, id, role)
				})
			})
		},
	}
	b.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "", "its role; without it the account has no rights")
	flags.StringVar(&label, "label", "", "what people call it")
	flags.StringVar(&email, "email", "", "address by which an OpenID provider's user is recognised the first time")
	flags.StringVar(&kind, "kind", string(access.Person), "person (by password), oidc (by OpenID Connect) or service (a program, by key)")
	flags.BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

func userListCommand(c *config) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the accounts with their roles",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd.Context(), c, func(a *app) error {
				var list []access.Account
				err := a.db.Read(cmd.Context(), grids.Local, func(tx pgx.Tx) (err error) {
					list, err = access.Accounts(cmd.Context(), tx)
					return err
				})
				if err != nil {
					return err
				}
				type row struct {
					Name     string            `json:"name"`
					Label    string            `json:"label,omitempty"`
					Kind     access.Kind       `json:"kind"`
					Disabled bool              `json:"disabled"`
					Roles    map[string]string `json:"roles"`
				}
				rows := make([]row, len(list))
				for i, one := range list {
					rows[i] = row{one.Name, one.Label, one.Kind, one.Disabled, map[string]string{}}
					for _, g := range one.Grants {
						rows[i].Roles[cmp.Or(string(g.TerritoryCode), "*")] = string(g.Role)
					}
				}
				return a.print(cmd.OutOrStdout(), rows, func(w io.Writer) {
					table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					for i, one := range list {
						var roles []string
						for _, g := range one.Grants {
							roles = append(roles, fmt.Sprintf("%s@%s", g.Role, cmp.Or(string(g.TerritoryCode), "*")))
						}
						state := ""
						if one.Disabled {
							state = "disabled"
						}
						fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", one.Name, one.Kind, strings.Join(roles, " "), state, rows[i].Label)
					}
					table.Flush()
				})
			})
		},
	}
}

// withAccount runs fn on a named account.
func withAccount(cmd *cobra.Command, c *config, name string, fn func(context.Context, *app, pgx.Tx, access.Account) error) error {
	return with(cmd.Context(), c, func(a *app) error {
		return a.db.Tx(cmd.Context(), grids.Local, func(tx pgx.Tx) error {
			account, err := access.NamedAccount(cmd.Context(), tx, name)
			if err != nil {
				return err
			}
			return fn(cmd.Context(), a, tx, account)
		})
	})
}

func userRoleCommand(c *config) *cobra.Command {
	var b bounds
	cmd := &cobra.Command{
		Use:   "role NAME ROLE",
		Short: "Give an account a role in the territory, in place of what it had there; none takes it away",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccount(cmd, c, args[0], func(ctx context.Context, a *app, tx pgx.Tx, account access.Account) error {
				if args[1] != "none" {
					return b.give(ctx, a, tx, account.ID, args[1])
				}
				if b.everywhere {
					return access.Take(ctx, tx, account.ID, 0)
				}
				t, err := cells.FindTerritory(ctx, tx, a.territory)
				if err != nil {
					return err
				}
				return access.Take(ctx, tx, account.ID, t.ID)
			})
		},
	}
	b.register(cmd)
	return cmd
}

func userPasswordCommand(c *config) *cobra.Command {
	var stdin, factor bool
	cmd := &cobra.Command{
		Use:   "password NAME",
		Short: "Set an account's password; ends its sessions and its lock",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := askPassword(cmd, stdin)
			if err != nil {
				return err
			}
			return withAccount(cmd, c, args[0], func(ctx context.Context, _ *app, tx pgx.Tx, account access.Account) error {
				if factor && account.SecondFactor {
					if err := access.EndSecondFactor(ctx, tx, grids.Local, account.ID, ""); err != nil {
						return err
					}
				}
				return access.SetPassword(ctx, tx, account, password)
			})
		},
	}
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	cmd.Flags().BoolVar(&factor, "end-second-factor", false, "take the second factor away too, when the telephone is lost")
	return cmd
}

func userDisableCommand(c *config) *cobra.Command {
	var enable bool
	cmd := &cobra.Command{
		Use:   "disable NAME",
		Short: "Close an account: its sessions end at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAccount(cmd, c, args[0], func(ctx context.Context, _ *app, tx pgx.Tx, account access.Account) error {
				account.Disabled = !enable
				return access.EditAccount(ctx, tx, account)
			})
		},
	}
	cmd.Flags().BoolVar(&enable, "undo", false, "open it again")
	return cmd
}

func userKeyCommand(c *config) *cobra.Command {
	var k access.Key
	var days int
	var layers []string
	cmd := &cobra.Command{
		Use:   "key NAME",
		Short: "Make a key for the account of a program, and print it this once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, layer := range layers {
				k.Layers = append(k.Layers, grids.LayerCode(layer))
			}
			var secret string
			err := withAccount(cmd, c, args[0], func(ctx context.Context, _ *app, tx pgx.Tx, account access.Account) (err error) {
				k.Account, k.Expires = account.ID, time.Now().AddDate(0, 0, days)
				secret, err = access.CreateKey(ctx, tx, k, time.Now())
				return err
			})
			if err != nil {
				return err
			}
			return c.print(cmd.OutOrStdout(), map[string]any{"key": secret, "expires": k.Expires}, func(w io.Writer) { fmt.Fprintln(w, secret) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&k.Label, "label", "", "what it is for")
	flags.IntVar(&days, "days", 180, "days for which it is valid, 400 at most")
	flags.IntVar(&k.PerMinute, "per-minute", 600, "requests that it may make in a minute")
	flags.StringSliceVar(&k.Actions, "actions", nil, "the only actions that it may do, such as collections.read; all of the role without it")
	flags.StringSliceVar(&k.Collections, "collections", nil, "the only collections that it may read")
	flags.StringSliceVar(&layers, "layers", nil, "the only layers that it is for")
	_ = cmd.MarkFlagRequired("label")
	return cmd
}

// askPassword asks for a password twice, without showing it, or reads a line.
func askPassword(cmd *cobra.Command, stdin bool) (string, error) {
	if stdin {
		line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
		if err != nil && line == "" {
			return "", usageError{grids.Errorf(grids.Invalid, "password-stdin", "标准输入中没有密码", "there is no password on standard input")}
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	terminal := int(os.Stdin.Fd())
	if !term.IsTerminal(terminal) {
		return "", usageError{grids.Errorf(grids.Invalid, "password", "没有可输入密码的终端", "there is no terminal to ask for the password").
			Fix("用 --password-stdin 从标准输入读取", "give it on standard input with --password-stdin")}
	}
	var typed [2]string
	for i, prompt := range []string{"password: ", "again: "} {
		fmt.Fprint(cmd.ErrOrStderr(), prompt)
		text, err := term.ReadPassword(terminal)
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("password: %w", err)
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", grids.Errorf(grids.Invalid, "password", "两次输入不一致", "the two are not the same")
	}
	return typed[0], nil
}
