using DeviceMail.Network;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

public static class DoctorSetup
{
    public static void AddDoctor(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(host =>
        {
            var time = host.GetRequiredService<TimeProvider>();
            return new DoctorVisits(new DoctorPlans(PartsOf(host, time)), host.GetRequiredService<AccountRegister>(), host.GetRequiredService<IHostApplicationLifetime>(), time);
        });
        builder.Services.AddSingleton(host => new TenantVisits(TenantPartsOf(host, host.GetRequiredService<TimeProvider>()), host.GetRequiredService<IHostApplicationLifetime>()));
    }

    public static void MapDoctor(this WebApplication app)
    {
        app.MapExplain();
        app.MapDoctorPage();
        app.MapTenantPage();
        DoctorCommands.Map(app.ControlGroup());
        TenantControl.Map(app.ControlGroup());
    }

    /// <param name="host">Where the gateway's parts are.</param>
    /// <param name="time">The clock of the set-up.</param>
    internal static TenantParts TenantPartsOf(IServiceProvider host, TimeProvider time)
    {
        var channel = host.GetRequiredService<OAuthChannel>();
        var probe = new TenantProbe(host.GetRequiredService<AccountRegister>(), PartsOf(host, time).Mail);
        return new TenantParts(new TenantSignIns(channel, host.GetRequiredService<ClientCredentials>(), time), channel, probe, host.GetRequiredService<ActivityLog>(), time)
        {
            MailboxSignIn = host.GetRequiredService<AccountSignIn>(),
        };
    }

    /// <param name="host">Where the gateway's parts are.</param>
    /// <param name="time">The clock that is examined.</param>
    internal static DoctorParts PartsOf(IServiceProvider host, TimeProvider time)
    {
        var (accounts, outside) = (host.GetRequiredService<AccountRegister>(), host.GetRequiredService<Outside>());
        var gateway = new GatewayParts(host.GetRequiredService<DataFolder>(), host.GetRequiredService<Database>(), host.GetRequiredService<SettingsStore>(),
            host.GetRequiredService<Listeners>(), host.GetRequiredService<ServerCertificate>())
        {
            Accounts = accounts,
            Time = time,
        };
        return new DoctorParts(gateway, new SignInParts(host.GetRequiredService<OAuthChannel>(), host.GetRequiredService<TokenKeeper>(), accounts, time),
            new MailServerParts(host.GetRequiredService<UpstreamConnector>(), host.GetRequiredService<GatewayIdentitySource>(), outside, time), outside);
    }
}
