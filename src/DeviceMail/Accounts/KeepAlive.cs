using DeviceMail.Network;

namespace DeviceMail.Accounts;

/// <summary>
/// Refreshes idle sign-ins once a day, long before disuse could end them (90 days at Entra), and notices within a day that one has ended. After a
/// change of the way out it asks at once, so that every status tells what holds now.
/// </summary>
public sealed class KeepAlive(AccountRegister accounts, TokenKeeper tokens, WayOut way, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _idle = TimeSpan.FromHours(20);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RefreshIdleAsync(stoppingToken), FollowWayOutAsync(stoppingToken));

    private async Task RefreshIdleAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            foreach (var account in accounts.All.Where(account => account.Method == AuthenticationMethod.OAuth2))
                if (accounts.SignInOf(account.Id) is not { LastRefreshed: { } last } || time.GetUtcNow() - last >= _idle) await AskAsync(account, cancel);
        }
    }

    private async Task FollowWayOutAsync(CancellationToken cancel)
    {
        using var changes = new SemaphoreSlim(0);
        void Count() => changes.Release();
        way.Changed += Count;
        try
        {
            while (true)
            {
                await changes.WaitAsync(cancel);
                foreach (var account in accounts.All.Where(account => account.Method == AuthenticationMethod.OAuth2)) await AskAsync(account, cancel);
            }
        }
        finally
        {
            way.Changed -= Count;
        }
    }

    private async Task AskAsync(Account account, CancellationToken cancel)
    {
        try
        {
            if (await tokens.GetAsync(account, cancel) is not AccessTokenResult.Held) return;
            // The permission for one interface may be gone, and the sign-in good for the other.
            foreach (var transport in account.Transports) await tokens.GetAsync(account, transport, cancel);
        }
        catch (Storage.StorageFailedException)
        {
            // The disk has its own alarm; the sign-in is asked again in an hour.
        }
    }
}
