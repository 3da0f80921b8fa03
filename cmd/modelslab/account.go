package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/modelslab-go/modelslab"
)

type balanceCommand struct {
	access
}

// Run prints what is left in the wallet.
func (c *balanceCommand) Run(ctx context.Context, p *program) error {
	client, end, err := c.client(p)
	if err != nil {
		return err
	}
	defer end()
	balance, err := client.Account.Balance(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%.2f %s\n", balance.Amount, balance.Currency)
	return err
}

type modelsCommand struct {
	access

	Search  string `arg:"" optional:"" help:"Part of the name, the id, the description or a tag."`
	Feature string `placeholder:"NAME" help:"What the models make: imagen, videofusion, audiogen or threedverse."`
	JSON    bool   `name:"json" help:"Print what the API says of each model, a JSON object a line."`
}

// Help is what -h says beyond the flags.
func (*modelsCommand) Help() string {
	return `Prints the id of each model, which requests take as model_id, and its name.`
}

// Run lists models.
func (c *modelsCommand) Run(ctx context.Context, p *program) error {
	client, end, err := c.client(p)
	if err != nil {
		return err
	}
	defer end()
	models, err := client.Models.Search(ctx, &modelslab.SearchModelsRequest{Search: c.Search, Feature: c.Feature})
	if err != nil {
		return err
	}
	if c.JSON {
		lines := json.NewEncoder(p.out)
		for i := range models {
			if err := lines.Encode(models[i].Raw); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for i := range models {
		fmt.Fprintf(table, "%s\t%s\n", models[i].ID, models[i].Name)
	}
	return table.Flush()
}
