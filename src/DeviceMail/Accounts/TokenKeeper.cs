using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>
/// Access tokens for sending. One refresher an account; the new refresh token is on the disk before its access token is used. A refusal that is
/// ambiguous or temporary never throws a token away. One sign-in serves each interface of the account whose permission was granted; an application
/// has no refresh token, and proves itself each time.
/// </summary>
public sealed class TokenKeeper(AccountRegister accounts, AccountStatusBoard status, SecretStore secrets, OAuthChannel channel, TimeProvider time)
{
    private static readonly TimeSpan _usualRetry = TimeSpan.FromSeconds(30);
    // Whoever asks for more means something else.
    private static readonly TimeSpan _longestRetry = TimeSpan.FromHours(1);
    private static readonly TimeSpan _shortestLife = TimeSpan.FromMinutes(1);

    /// <summary>AADSTS70000 of a personal account: the token does not stand for the scope that is asked for.</summary>
    private const int PersonalConsent = 70000;

    private readonly ConcurrentDictionary<long, Kept> _kept = new();
    private readonly ClientCredentials _credentials = new(secrets, time);

    /// <summary>A token for the interface that the sign-in was made for.</summary>
    public Task<AccessTokenResult> GetAsync(Account account, CancellationToken cancel) => GetAsync(account, Usual(account), cancel);

    /// <summary>A token that is good for a while: the cached one until about three quarters of its life, then a fresh one.</summary>
    public async Task<AccessTokenResult> GetAsync(Account account, Transport transport, CancellationToken cancel)
    {
        var kept = KeptOf(account.Id);
        if (channel.Obstacle is { } obstacle) return await BarredAsync(account, kept, obstacle);
        return kept.Current(transport) is { } current && IsFresh(current, account) ? current.Ready : await RefreshAsync(account, kept, new Wish(transport, null), cancel);
    }

    /// <summary>A person asks now: the rest after the provider's last fault counts no more.</summary>
    public void Hurry(long accountId) => KeptOf(accountId).Rest = null;

    /// <summary>The server refused this token although it should be good: one fresh one, for all who ask.</summary>
    public Task<AccessTokenResult> RefusedAsync(Account account, Secret refusedToken, CancellationToken cancel) =>
        RefusedAsync(account, Usual(account), refusedToken, cancel);

    /// <inheritdoc cref="RefusedAsync(Account, Secret, CancellationToken)"/>
    public Task<AccessTokenResult> RefusedAsync(Account account, Transport transport, Secret refusedToken, CancellationToken cancel) =>
        RefreshAsync(account, KeptOf(account.Id), new Wish(transport, refusedToken), cancel);

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
            if (brought is not null) kept.Put(brought.For, Fresh(account, brought.Access, brought.Lifetime));
        }
        finally
        {
            kept.One.Release();
        }
    }

    /// <summary>Asks the provider for a token of the application itself, whatever was asked before.</summary>
    internal async Task<AccessTokenResult> ProveAsync(Account account, Transport transport, CancellationToken cancel) =>
        channel.Obstacle is { } obstacle ? new AccessTokenResult.Held(obstacle, "") : Judge(await PostAsync(account, new Wish(transport, null), null, cancel)) switch
        {
            (AccessTokenResult.TryLater later, _) => later,
            (AccessTokenResult.Held held, _) => held,
            (_, { } brought) => new AccessTokenResult.Ready(brought.Access, time.GetUtcNow() + brought.Lifetime),
            _ => throw new InvalidOperationException("A token came or did not."),
        };

    private async Task<AccessTokenResult> RefreshAsync(Account account, Kept kept, Wish wish, CancellationToken cancel)
    {
        await kept.One.WaitAsync(cancel);
        try
        {
            if (kept.Current(wish.Transport) is { } current && IsFresh(current, account) && (wish.Refused is null || current.Ready.Token.Reveal() != wish.Refused.Reveal())) return current.Ready;
            // First of all: the provider may not take the former refresh token a second time.
            if (kept.Unsaved is { } unsaved && unsaved.Endpoint == SecretNames.Endpoint(account)
                && await KeepAsync(account, kept, unsaved) is var saved && (unsaved.Transport == wish.Transport || saved is not AccessTokenResult.Ready)) return saved;
            var record = accounts.SignInOf(account.Id);
            if (record.Since is null) return new AccessTokenResult.Held(Problems.NotSignedIn, "");
            if (Problems.Find(record.Problem, record.ServerWords) is { Code: not 360, MayPass: false } ended) return new AccessTokenResult.Held(ended, record.ServerWords);
            if (kept.Rest is { } rest && rest.Endpoint == SecretNames.Endpoint(account) && rest.Until - time.GetUtcNow() is var left && left > TimeSpan.Zero)
                return new AccessTokenResult.TryLater(Problems.Unreachable, rest.Words, left);
            var refresh = account.IsApplication ? null : secrets.Find(SecretNames.RefreshToken(account));
            return refresh is null && !account.IsApplication ? await EndAsync(account, kept, Problems.LostKey, "") : await AskAsync(account, kept, wish, refresh, cancel);
        }
        finally
        {
            kept.One.Release();
        }
    }

    private async Task<AccessTokenResult> AskAsync(Account account, Kept kept, Wish wish, Secret? refresh, CancellationToken cancel) =>
        Judge(await PostAsync(account, wish, refresh, cancel)) switch
        {
            (AccessTokenResult.TryLater later, _) => await UnreachableAsync(account, kept, later.ServerWords, later.After),
            (AccessTokenResult.Held held, _) when IsAboutPermission(account, wish.Transport, held) && kept.Lacks(wish.Transport, account.Transports, time.GetUtcNow()) =>
                held with { Problem = IsPersonalConsent(held) ? Problems.ConsentMissing : held.Problem, IsTransports = true },
            (AccessTokenResult.Held held, _) => await EndAsync(account, kept, held.Problem, held.ServerWords),
            (_, { } brought) => await KeepAsync(account, kept, brought with { Endpoint = SecretNames.Endpoint(account), Transport = wish.Transport }),
            _ => throw new InvalidOperationException("A token came or did not."),
        };

    /// <summary>
    /// The permission for one interface is missing, and the sign-in is as good as it was for the other. Personal accounts say it with the number of
    /// a bad token (70000): at an interface that the sign-in was not made for, it is this.
    /// </summary>
    private bool IsAboutPermission(Account account, Transport transport, AccessTokenResult.Held held)
    {
        if (account.Transports.Count == 1 && transport != Transport.GraphDraft) return false;
        if (held.Problem == Problems.ConsentMissing) return true;
        // Policies and assignments can be about one resource; that the grant itself has ended is about both.
        return accounts.SignInOf(account.Id).For != transport && (held.Problem != Problems.Expired && held.Problem != Problems.SignInAgain || IsPersonalConsent(held));
    }

    private static bool IsPersonalConsent(AccessTokenResult.Held held) => Catalogue.NumbersIn(held.ServerWords).Contains(PersonalConsent);

    /// <summary>What came of the question; null with words when the endpoints are not known.</summary>
    private async Task<(OAuthReply? Reply, string Words)> PostAsync(Account account, Wish wish, Secret? refresh, CancellationToken cancel)
    {
        var (endpoints, words) = await channel.EndpointsAsync(account, OAuthUse.Token, cancel);
        if (endpoints is null) return (null, words);
        var grant = refresh is null ? new KeyValuePair<string, string>("grant_type", "client_credentials") : new("grant_type", "refresh_token");
        KeyValuePair<string, string>[] Form() =>
        [
            grant, .. _credentials.FormOf(account, endpoints), .. refresh is null ? [] : new KeyValuePair<string, string>[] { new("refresh_token", refresh.Reveal()) },
            new("scope", TokenScopes.For(account, wish.Transport)),
        ];
        var reply = await channel.PostAsync(endpoints.Token, Form(), AccountsJson.Default.TokenAnswer, cancel);
        return (reply is OAuthReply.NoAnswer { IsUncertain: true } ? await channel.PostAsync(endpoints.Token, Form(), AccountsJson.Default.TokenAnswer, cancel) : reply, "");
    }

    private static (AccessTokenResult? Result, Unsaved? Brought) Judge((OAuthReply? Reply, string Words) said)
    {
        switch (said.Reply)
        {
            case null: return (Later(said.Words, null), null);
            case OAuthReply.NoAnswer none: return (Later(none.Words, none.RetryAfter), null);
            case OAuthReply.Answered<TokenAnswer> { Answer: { AccessToken: { } access, Error: null } answer }:
                var next = answer.RefreshToken is { } token ? new Secret(token) : null;
                return (null, new Unsaved(new Secret(access), next, TimeSpan.FromSeconds(answer.ExpiresIn ?? 3_600)));
            case OAuthReply.Answered<TokenAnswer> { Answer: { Error: { } error } answer, RetryAfter: var after }:
                var words = EntraErrors.FirstLine(error, answer.Description);
                return (EntraErrors.IsTemporary(error) ? Later(words, after)
                    : new AccessTokenResult.Held(EntraErrors.Explain(error, answer.Codes, answer.Description, answer.SubError), words), null);
            default: return (Later("The service answered with neither a token nor an error.", null), null);
        }

        static AccessTokenResult.TryLater Later(string words, TimeSpan? after) => new(Problems.Unreachable, words, after ?? TimeSpan.Zero);
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
        kept.Unsaved = null;
        kept.Rest = null;
        return kept.Put(brought.Transport, Fresh(account, brought.Access, brought.Lifetime)).Ready;
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
        var after = asked is { } wait && wait > TimeSpan.Zero ? wait < _longestRetry ? wait : _longestRetry : _usualRetry;
        kept.Rest = new Rest(time.GetUtcNow() + after, words, SecretNames.Endpoint(account));
        await status.ReportSignInAsync(account, record => record with { Problem = Problems.Unreachable.Key, ServerWords = words });
        return new AccessTokenResult.TryLater(Problems.Unreachable, words, after);
    }

    /// <summary>The sign-in is as good as it was; the next question after the obstacle is gone says so.</summary>
    private async Task<AccessTokenResult> BarredAsync(Account account, Kept kept, Problem obstacle)
    {
        kept.ForgetTokens();
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

    /// <summary>The interface that the sign-in was made for, unless the account does not use it any more.</summary>
    private Transport Usual(Account account) => accounts.SignInOf(account.Id).For is var made && account.Transports.Contains(made) ? made : account.Transports[0];

    private Kept KeptOf(long accountId) => _kept.GetOrAdd(accountId, _ => new Kept());

    private sealed record Cached(AccessTokenResult.Ready Ready, DateTimeOffset RefreshAt, string Endpoint);

    /// <param name="Transport">For which interface.</param>
    /// <param name="Refused">The token that must not be the answer, because its server refused it.</param>
    private sealed record Wish(Transport Transport, Secret? Refused);

    /// <summary>What was brought and the disk has not kept yet.</summary>
    private sealed record Unsaved(Secret Access, Secret? Refresh, TimeSpan Lifetime)
    {
        public string Endpoint { get; init; } = "";

        public Transport Transport { get; init; }
    }

    /// <summary>Until when the provider is not asked again.</summary>
    private sealed record Rest(DateTimeOffset Until, string Words, string Endpoint);

    /// <summary>One an account for the life of the program, so that its turnstile is one.</summary>
    private sealed class Kept
    {
        // What lacked a permission long ago may have it by now.
        private static readonly TimeSpan _remembered = TimeSpan.FromHours(6);

        // Used at the turnstile alone.
        private readonly Dictionary<Transport, DateTimeOffset> _lacking = [];
        // One a transport; replaced as a whole, so that a reader needs no lock.
        private volatile Cached?[] _current = new Cached?[Enum.GetValues<Transport>().Length];

        public SemaphoreSlim One { get; } = new(1, 1);

        public Unsaved? Unsaved { get; set; }

        public Rest? Rest { get; set; }

        public Cached? Current(Transport transport) => _current[(int)transport];

        /// <summary>Counts an interface whose permission is missing.</summary>
        /// <returns>False when none of them is left: then nothing can be sent with this sign-in.</returns>
        public bool Lacks(Transport transport, IReadOnlyList<Transport> all, DateTimeOffset now)
        {
            _lacking[transport] = now;
            return !all.All(one => _lacking.TryGetValue(one, out var since) && now - since < _remembered);
        }

        public Cached Put(Transport transport, Cached token)
        {
            var next = (Cached?[])_current.Clone();
            next[(int)transport] = token;
            _current = next;
            _lacking.Remove(transport);
            return token;
        }

        public void ForgetTokens() => _current = new Cached?[_current.Length];

        public void Clear()
        {
            ForgetTokens();
            _lacking.Clear();
            (Unsaved, Rest) = (null, null);
        }
    }
}
