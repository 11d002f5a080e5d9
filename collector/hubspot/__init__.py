"""HubSpot both ways: owners, companies, tickets and people's answers in; cases as tasks out."""
