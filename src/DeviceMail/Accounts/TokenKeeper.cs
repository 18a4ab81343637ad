using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>
/// Access tokens for sending. One refresher an account; the new refresh token is on the disk before its access token is used. A refusal that is
/// ambiguous or temporary never throws a token away.
/// </summary>
public sealed class TokenKeeper(AccountRegister accounts, AccountStatusBoard status, SecretStore secrets, OAuthChannel channel, TimeProvider time)
{
    private static readonly TimeSpan _usualRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<long, Kept> _kept = new();

    /// <summary>A token that is good for a while: the cached one until three quarters of its life, then a fresh one.</summary>
    public async Task<AccessTokenResult> GetAsync(Account account, CancellationToken cancel)
    {
        if (channel.Obstacle is { } obstacle) return await BarredAsync(account, obstacle);
        var kept = _kept.GetOrAdd(account.Id, _ => new Kept());
        if (kept.Ready is { } ready && time.GetUtcNow() < kept.RefreshAt && kept.Endpoint == SecretNames.Endpoint(account)) return ready;
        return await RefreshAsync(account, kept, null, cancel);
    }

    /// <summary>The server refused this token although it should be good: one fresh one, for all who ask.</summary>
    public Task<AccessTokenResult> RefusedAsync(Account account, Secret refusedToken, CancellationToken cancel) =>
        RefreshAsync(account, _kept.GetOrAdd(account.Id, _ => new Kept()), refusedToken, cancel);

    /// <summary>Uses a sign-in that was just saved, without asking for what it already brought.</summary>
    internal void Take(Account account, SignInTokens tokens)
    {
        var kept = _kept.GetOrAdd(account.Id, _ => new Kept());
        Keep(account, kept, tokens.Access, tokens.Lifetime);
    }

    internal void Forget(long accountId) => _kept.TryRemove(accountId, out _);

    private async Task<AccessTokenResult> RefreshAsync(Account account, Kept kept, Secret? refused, CancellationToken cancel)
    {
        await kept.One.WaitAsync(cancel);
        try
        {
            var isFresh = kept.Ready is not null && time.GetUtcNow() < kept.RefreshAt && kept.Endpoint == SecretNames.Endpoint(account);
            if (isFresh && (refused is null || kept.Ready!.Token.Reveal() != refused.Reveal())) return kept.Ready!;
            var record = accounts.SignInOf(account.Id);
            if (record.Since is null) return new AccessTokenResult.Held(Problems.NotSignedIn, "");
            if (record.Problem is { } key && Problems.Find(key) is { Code: not 360, MayPass: false } ended) return new AccessTokenResult.Held(ended, record.ServerWords);
            if (secrets.Find(SecretNames.RefreshToken(account)) is not { } refresh)
                return await EndAsync(account, record, Problems.LostKey, "");
            return await AskAsync(account, kept, new Asking(record, refresh), cancel);
        }
        finally
        {
            kept.One.Release();
        }
    }

    private async Task<AccessTokenResult> AskAsync(Account account, Kept kept, Asking asking, CancellationToken cancel)
    {
        var (endpoints, words) = await channel.EndpointsAsync(account, cancel);
        if (endpoints is null) return await UnreachableAsync(account, asking.Record, words, null);
        KeyValuePair<string, string>[] form =
        [
            new("grant_type", "refresh_token"), new("client_id", account.ClientId), new("refresh_token", asking.Refresh.Reveal()), new("scope", endpoints.Scopes),
        ];
        var reply = await channel.PostAsync(endpoints.Token, form, AccountsJson.Default.TokenAnswer, cancel);
        if (reply is OAuthReply.NoAnswer { RetryAfter: null })
            reply = await channel.PostAsync(endpoints.Token, form, AccountsJson.Default.TokenAnswer, cancel);
        switch (reply)
        {
            case OAuthReply.NoAnswer none:
                return await UnreachableAsync(account, asking.Record, none.Words, none.RetryAfter);
            case OAuthReply.Answered<TokenAnswer> { Answer: { AccessToken: { } access, Error: null } answer }:
                if (answer.RefreshToken is { } next) secrets.Put(SecretNames.RefreshToken(account), new Secret(next));
                await status.ReportSignInAsync(account, asking.Record with { LastRefreshed = time.GetUtcNow(), Problem = null, ServerWords = "" });
                return Keep(account, kept, new Secret(access), TimeSpan.FromSeconds(answer.ExpiresIn ?? 3_600));
            case OAuthReply.Answered<TokenAnswer> { Answer: { Error: { } error } answer, RetryAfter: var after }:
                words = EntraErrors.FirstLine(error, answer.Description);
                return EntraErrors.IsTemporary(error)
                    ? await UnreachableAsync(account, asking.Record, words, after)
                    : await EndAsync(account, asking.Record, EntraErrors.Explain(error, answer.Codes, answer.Description), words);
            default:
                return await UnreachableAsync(account, asking.Record, "The service answered with neither a token nor an error.", null);
        }
    }

    private AccessTokenResult.Ready Keep(Account account, Kept kept, Secret access, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        kept.Endpoint = SecretNames.Endpoint(account);
        kept.RefreshAt = now + lifetime * (0.5 + Random.Shared.NextDouble() * 0.3);
        return kept.Ready = new AccessTokenResult.Ready(access, now + lifetime);
    }

    private async Task<AccessTokenResult> UnreachableAsync(Account account, SignInRecord record, string words, TimeSpan? after)
    {
        await status.ReportSignInAsync(account, record with { Problem = Problems.Unreachable.Key, ServerWords = words });
        return new AccessTokenResult.TryLater(Problems.Unreachable, words, after is { } asked && asked > TimeSpan.Zero ? asked : _usualRetry);
    }

    /// <summary>The sign-in is as good as it was; the next question after the obstacle is gone says so.</summary>
    private async Task<AccessTokenResult> BarredAsync(Account account, Problem obstacle)
    {
        Forget(account.Id);
        var record = accounts.SignInOf(account.Id);
        if (record.Since is not null && record.Problem is null) await status.ReportSignInAsync(account, record with { Problem = obstacle.Key, ServerWords = "" });
        return new AccessTokenResult.Held(obstacle, "");
    }

    private async Task<AccessTokenResult> EndAsync(Account account, SignInRecord record, Problem problem, string words)
    {
        Forget(account.Id);
        await status.ReportSignInAsync(account, record with { Problem = problem.Key, ServerWords = words });
        return new AccessTokenResult.Held(problem, words);
    }

    private sealed record Asking(SignInRecord Record, Secret Refresh);

    private sealed class Kept
    {
        public SemaphoreSlim One { get; } = new(1, 1);

        public AccessTokenResult.Ready? Ready { get; set; }

        public DateTimeOffset RefreshAt { get; set; }

        public string Endpoint { get; set; } = "";
    }
}
