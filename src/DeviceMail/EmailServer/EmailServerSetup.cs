using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

public static class EmailServerSetup
{
    public static void AddEmailServer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(host => new StatusSources(
            host.GetRequiredService<AccountRegister>(), host.GetRequiredService<AccountStatusBoard>(), host.GetRequiredService<MailQueue>(), host.GetRequiredService<DeviceRegister>())
        {
            Passwords = host.GetRequiredService<PasswordKeeper>(),
            Claim = host.GetRequiredService<Claim>(),
            Settings = host.GetRequiredService<SettingsStore>(),
            PageNotices = host.GetServices<FindPageNotices>(),
            Budgets = host.GetRequiredService<BudgetBoard>(),
            Time = host.GetRequiredService<TimeProvider>(),
        });
        services.AddSingleton<StatusReader>();
        services.AddSingleton<ConsentDesk>();
        services.AddSingleton<EmailServerDesk>();
        services.AddSingleton(host => new ConnectionTests(new ConnectionTest(new ConnectionTestParts(
            host.GetRequiredService<Outside>(), host.GetRequiredService<TokenKeeper>(), host.GetRequiredService<PasswordKeeper>(),
            host.GetRequiredService<SettingsStore>(), host.GetRequiredService<TimeProvider>())
        {
            Graph = new GraphConnectionTest(host.GetRequiredService<GraphChannel>(), host.GetRequiredService<TokenKeeper>()),
        })));
        services.AddSingleton<FindPageNotices>(host => () => NotSaved(host.GetRequiredService<AccountRegister>()));
    }

    public static void MapEmailServer(this WebApplication app)
    {
        app.MapHome();
        app.MapBasic();
        app.MapSignIn();
        app.MapApplicationSignIn();
        app.MapSignInAnswer();
        app.MapConnectionTest();
        app.MapRegistration();
        StatusCommands.Map(app.ControlGroup());
        ConnectionTestCommands.Map(app.ControlGroup());
        StatusApi.Map(app);
    }

    private static IEnumerable<PageNotice> NotSaved(AccountRegister accounts) => accounts.All.Where(account => accounts.SignInOf(account.Id).StagedAs is not null)
        .Select(account => new PageNotice($"The new sign-in of {account.Address} is not saved yet. Press OK to send with it, or Discard to drop it.",
            "Open Email Server", $"/email-server?account={account.Id}"));
}
