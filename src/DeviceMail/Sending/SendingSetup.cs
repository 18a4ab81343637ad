using DeviceMail.Accounts;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

public static class SendingSetup
{
    public static void AddSending(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<GatewayIdentitySource>();
        services.AddSingleton<UpstreamConnector>();
        services.AddSingleton<SmtpSender>();
        services.AddSingleton<GraphChannel>();
        services.AddSingleton<GraphDrafts>();
        services.AddSingleton<GraphSender>();
        services.AddSingleton<MailSender>();
        services.AddSingleton(provider => new SendingParts(
            provider.GetRequiredService<MailQueue>(), provider.GetRequiredService<AccountRegister>(), provider.GetRequiredService<AccountStatusBoard>())
        {
            Sender = provider.GetRequiredService<MailSender>(),
            Gateway = provider.GetRequiredService<GatewayIdentitySource>(),
            Time = provider.GetRequiredService<TimeProvider>(),
            Budgets = provider.GetRequiredService<BudgetBoard>(),
        });
    }
}
