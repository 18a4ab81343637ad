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
    private static readonly TimeSpan _shortestLife = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Kept> _kept = new();

    /// <summary>A token that is good for a while: the cached one until about three quarters of its life, then a fresh one.</summary>
    public async Task<AccessTokenResult> GetAsync(Account account, CancellationToken cancel)
    {
        var kept = KeptOf(account.Id);
        if (channel.Obstacle is { } obstacle) return await BarredAsync(account, kept, obstacle);
        return kept.Current is { } current && IsFresh(current, account) ? current.Ready : await RefreshAsync(account, kept, null, cancel);
    }

    /// <summary>A person asks now: the rest after the provider's last fault counts no more.</summary>
    public void Hurry(long accountId) => KeptOf(accountId).Rest = null;

    /// <summary>The server refused this token although it should be good: one fresh one, for all who ask.</summary>
    public Task<AccessTokenResult> RefusedAsync(Account account, Secret refusedToken, CancellationToken cancel) =>
        RefreshAsync(account, KeptOf(account.Id), refusedToken, cancel);

    /// <summary>
    /// Changes the account's sign-in while nobody refreshes the former one: a refresh under way could write its token over the new sign-in.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="brought">The access token that the new sign-in brought, or null.</param>
    /// <param name="change">Writes the new sign-in, or deletes it.</param>
    internal async Task ReplaceAsync(Account account, SignInTokens? brought, Func<Task> change)
    {
        var kept = KeptOf(account.Id);
        await kept.One.WaitAsync();
        try
        {
            kept.Clear();
            await change();
            // Who was woken by the change waits at the turnstile.
            if (brought is not null) kept.Current = Fresh(account, brought.Access, brought.Lifetime);
        }
        finally
        {
            kept.One.Release();
        }
    }

    private async Task<AccessTokenResult> RefreshAsync(Account account, Kept kept, Secret? refused, CancellationToken cancel)
    {
        await kept.One.WaitAsync(cancel);
        try
        {
            if (kept.Current is { } current && IsFresh(current, account) && (refused is null || current.Ready.Token.Reveal() != refused.Reveal())) return current.Ready;
            if (kept.Unsaved is { } unsaved && unsaved.Endpoint == SecretNames.Endpoint(account)) return await KeepAsync(account, kept, unsaved);
            var record = accounts.SignInOf(account.Id);
            if (record.Since is null) return new AccessTokenResult.Held(Problems.NotSignedIn, "");
            if (Problems.Find(record.Problem, record.ServerWords) is { Code: not 360, MayPass: false } ended) return new AccessTokenResult.Held(ended, record.ServerWords);
            if (kept.Rest is { } rest && rest.Endpoint == SecretNames.Endpoint(account) && rest.Until - time.GetUtcNow() is var left && left > TimeSpan.Zero)
                return new AccessTokenResult.TryLater(Problems.Unreachable, rest.Words, left);
            return secrets.Find(SecretNames.RefreshToken(account)) is { } refresh
                ? await AskAsync(account, kept, refresh, cancel)
                : await EndAsync(account, kept, Problems.LostKey, "");
        }
        finally
        {
            kept.One.Release();
        }
    }

    private async Task<AccessTokenResult> AskAsync(Account account, Kept kept, Secret refresh, CancellationToken cancel)
    {
        var (endpoints, words) = await channel.EndpointsAsync(account, cancel);
        if (endpoints is null) return await UnreachableAsync(account, kept, words, null);
        KeyValuePair<string, string>[] form =
        [
            new("grant_type", "refresh_token"), new("client_id", account.ClientId), new("refresh_token", refresh.Reveal()), new("scope", endpoints.Scopes),
        ];
        var reply = await channel.PostAsync(endpoints.Token, form, AccountsJson.Default.TokenAnswer, cancel);
        if (reply is OAuthReply.NoAnswer { IsUncertain: true })
            reply = await channel.PostAsync(endpoints.Token, form, AccountsJson.Default.TokenAnswer, cancel);
        switch (reply)
        {
            case OAuthReply.NoAnswer none:
                return await UnreachableAsync(account, kept, none.Words, none.RetryAfter);
            case OAuthReply.Answered<TokenAnswer> { Answer: { AccessToken: { } access, Error: null } answer }:
                var next = answer.RefreshToken is { } token ? new Secret(token) : null;
                return await KeepAsync(account, kept, new Unsaved(new Secret(access), next, TimeSpan.FromSeconds(answer.ExpiresIn ?? 3_600), SecretNames.Endpoint(account)));
            case OAuthReply.Answered<TokenAnswer> { Answer: { Error: { } error } answer, RetryAfter: var after }:
                words = EntraErrors.FirstLine(error, answer.Description);
                return EntraErrors.IsTemporary(error)
                    ? await UnreachableAsync(account, kept, words, after)
                    : await EndAsync(account, kept, EntraErrors.Explain(error, answer.Codes, answer.Description, answer.SubError), words);
            default:
                return await UnreachableAsync(account, kept, "The service answered with neither a token nor an error.", null);
        }
    }

    /// <summary>
    /// Puts the new refresh token on the disk, then lets its access token be used. A disk that fails is asked again with what is in memory: the
    /// provider may not take the former token a second time.
    /// </summary>
    private async Task<AccessTokenResult> KeepAsync(Account account, Kept kept, Unsaved brought)
    {
        // Removed or pointed elsewhere while the provider was asked: its secrets are gone, and none may come back.
        if (accounts.Find(account.Id) is not { } now || SecretNames.Endpoint(now) != brought.Endpoint)
        {
            kept.Clear();
            return new AccessTokenResult.Held(Problems.NotSignedIn, "");
        }
        kept.Unsaved = brought;
        try
        {
            if (brought.Refresh is { } next) secrets.Put(SecretNames.RefreshToken(account), next);
            await status.ReportSignInAsync(account, record => record with { LastRefreshed = time.GetUtcNow(), Problem = null, ServerWords = "" });
        }
        catch (StorageFailedException fault)
        {
            return new AccessTokenResult.TryLater(Problems.DiskFull, fault.Message, _usualRetry);
        }
        kept.Clear();
        return (kept.Current = Fresh(account, brought.Access, brought.Lifetime)).Ready;
    }

    private Cached Fresh(Account account, Secret access, TimeSpan lifetime)
    {
        if (lifetime < _shortestLife) lifetime = _shortestLife;
        var now = time.GetUtcNow();
        return new Cached(new AccessTokenResult.Ready(access, now + lifetime), now + lifetime * (0.5 + Random.Shared.NextDouble() * 0.3), SecretNames.Endpoint(account));
    }

    private bool IsFresh(Cached current, Account account) => time.GetUtcNow() < current.RefreshAt && current.Endpoint == SecretNames.Endpoint(account);

    private async Task<AccessTokenResult> UnreachableAsync(Account account, Kept kept, string words, TimeSpan? asked)
    {
        var after = asked is { } wait && wait > TimeSpan.Zero ? wait : _usualRetry;
        kept.Rest = new Rest(time.GetUtcNow() + after, words, SecretNames.Endpoint(account));
        await status.ReportSignInAsync(account, record => record with { Problem = Problems.Unreachable.Key, ServerWords = words });
        return new AccessTokenResult.TryLater(Problems.Unreachable, words, after);
    }

    /// <summary>The sign-in is as good as it was; the next question after the obstacle is gone says so.</summary>
    private async Task<AccessTokenResult> BarredAsync(Account account, Kept kept, Problem obstacle)
    {
        kept.Current = null;
        if (accounts.SignInOf(account.Id) is { Since: not null, Problem: null })
            await status.ReportSignInAsync(account, record => record with { Problem = obstacle.Key, ServerWords = "" });
        return new AccessTokenResult.Held(obstacle, "");
    }

    private async Task<AccessTokenResult> EndAsync(Account account, Kept kept, Problem problem, string words)
    {
        kept.Clear();
        await status.ReportSignInAsync(account, record => record with { Problem = problem.Key, ServerWords = words });
        return new AccessTokenResult.Held(problem, words);
    }

    private Kept KeptOf(long accountId) => _kept.GetOrAdd(accountId, _ => new Kept());

    private sealed record Cached(AccessTokenResult.Ready Ready, DateTimeOffset RefreshAt, string Endpoint);

    /// <summary>What a refresh brought and the disk has not kept yet.</summary>
    private sealed record Unsaved(Secret Access, Secret? Refresh, TimeSpan Lifetime, string Endpoint);

    /// <summary>Until when the provider is not asked again.</summary>
    private sealed record Rest(DateTimeOffset Until, string Words, string Endpoint);

    /// <summary>One an account for the life of the program, so that its turnstile is one.</summary>
    private sealed class Kept
    {
        private volatile Cached? _current;

        public SemaphoreSlim One { get; } = new(1, 1);

        public Cached? Current { get => _current; set => _current = value; }

        public Unsaved? Unsaved { get; set; }

        public Rest? Rest { get; set; }

        public void Clear() => (Current, Unsaved, Rest) = (null, null, null);
    }
}
