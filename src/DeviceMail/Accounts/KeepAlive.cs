namespace DeviceMail.Accounts;

/// <summary>Refreshes idle sign-ins once a day, long before disuse could end them (90 days at Entra), and notices within a day that one has ended.</summary>
public sealed class KeepAlive(AccountRegister accounts, TokenKeeper tokens, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _idle = TimeSpan.FromHours(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var account in accounts.All.Where(account => account.Method == AuthenticationMethod.OAuth2))
            {
                if (accounts.SignInOf(account.Id) is { LastRefreshed: { } last } && time.GetUtcNow() - last < _idle) continue;
                try
                {
                    await tokens.GetAsync(account, stoppingToken);
                }
                catch (Storage.StorageFailedException)
                {
                    // The disk has its own alarm; the sign-in is asked again in an hour.
                }
            }
        }
    }
}
