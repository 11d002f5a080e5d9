-- Every account that a cadence may be for, as of :now.
WITH linked (kind, subject, object, from_us) AS (
    SELECT kind, subject, object, from_us FROM links
    WHERE from_us <= :now AND (until_us IS NULL OR :now < until_us)
), held (kind, account, value) AS (
    SELECT kind, account, value FROM traits
    WHERE from_us <= :now AND (until_us IS NULL OR :now < until_us)
), looked_after (account, csm, customers) AS (    -- a distributor's end users, by their CSM
    SELECT dealer.object, csm.object, count(*) FROM linked AS dealer
    JOIN linked AS csm ON csm.kind = 'account_csm' AND csm.subject = dealer.subject
    WHERE dealer.kind = 'customer_distributor' GROUP BY dealer.object, csm.object
), began (account, since_us) AS (
    SELECT account, min(from_us) FROM (
        SELECT subject AS account, from_us FROM links
            WHERE kind IN ('account_csm', 'customer_distributor')
        UNION ALL SELECT object, from_us FROM links
            WHERE kind IN ('drone_customer', 'customer_distributor'))
    GROUP BY account
)
SELECT accounts.account,
    CASE WHEN accounts.kind = 'distributor' THEN 'distributor'
        WHEN coalesce(stage.value, accounts.stage, 'customer') <> 'customer' THEN 'none'
        WHEN EXISTS (SELECT 1 FROM linked WHERE kind = 'customer_distributor'
            AND subject = accounts.account) THEN 'none'
        ELSE 'direct' END AS of,
    tier.value AS tier, began.since_us,
    coalesce(csm.object, (
        SELECT looked_after.csm FROM looked_after WHERE looked_after.account = accounts.account
        ORDER BY customers DESC, looked_after.csm LIMIT 1)) AS csm,
    sales.object AS sales
FROM accounts
LEFT JOIN held AS stage ON stage.kind = 'stage' AND stage.account = accounts.account
LEFT JOIN held AS tier ON tier.kind = 'tier' AND tier.account = accounts.account
LEFT JOIN linked AS csm ON csm.kind = 'account_csm' AND csm.subject = accounts.account
LEFT JOIN linked AS sales ON sales.kind = 'account_sales' AND sales.subject = accounts.account
LEFT JOIN began ON began.account = accounts.account
ORDER BY accounts.account
